"""A case's page says when the code it waits for was refused by the mail server."""

import pytest
from django.utils import timezone

from nichandle.platform.outbox.models import Mail
from nichandle.platform.outbox.operations import refuse
from tests.support.people import make_person

pytestmark = pytest.mark.django_db
SAID = "could not be delivered"
ERROR = "550 5.1.1 no such user"


def begin(visitor, typed: str, address: str) -> str:
    given = {"kind": "address_lost", "typed": typed, "address": address}
    answer = visitor.post("/procedure", given)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


@pytest.mark.parametrize("known", [True, False])
def test_a_refused_code_is_said_on_the_page_alike_for_known_and_unknown(visitor, known):
    typed = make_person("diane@example.org").handle if known else "zz999999"
    link = begin(visitor, typed, "diane@example.net")
    assert SAID not in visitor.get(link).content.decode()

    refuse(Mail.objects.get(recipient="diane@example.net"), error=ERROR, now=timezone.now())

    page = visitor.get(link).content.decode()
    assert f"Our mail to diane@example.net {SAID}." in page
    assert ERROR not in page
    visitor.post(f"{link}/again")
    assert SAID not in visitor.get(link).content.decode()


def test_the_refused_code_of_another_case_is_not_said(visitor):
    other = begin(visitor, "zz999999", "paul@example.net")
    link = begin(visitor, "zz999999", "diane@example.net")

    refuse(Mail.objects.get(recipient="paul@example.net"), error=ERROR, now=timezone.now())

    assert SAID in visitor.get(other).content.decode()
    assert SAID not in visitor.get(link).content.decode()
