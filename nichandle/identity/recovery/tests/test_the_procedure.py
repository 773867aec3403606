"""The procedure for who has lost every access: from the first page to a new password."""

import re

import pytest
import time_machine
from django.utils import timezone

from nichandle.identity.cases.errors import CaseCodeWrong
from nichandle.identity.cases.models import Case, PaperBody
from nichandle.identity.recovery.tests.procedures import (
    START,
    begun,
    picture,
    shown,
    upload,
    with_papers_due,
)
from nichandle.platform.outbox.models import Mail
from tests.support.cases import NEW, World, make_reviewer
from tests.support.post import deliver, text_of
from tests.support.worker import work

pytestmark = pytest.mark.django_db


NEW_PASSWORD = "carafe violette sur le quai"


def test_from_the_first_page_to_a_new_password(customer, visitor, post):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        world = World(customer, clock, [make_reviewer("Claire"), make_reviewer("Karim")])
        link = with_papers_due(visitor, customer.handle.upper())
        assert "Proof of address" in visitor.get(link).content.decode()
        assert upload(visitor, link, picture()).status_code == 302
        assert upload(visitor, link, picture("PDF"), "address_proof").status_code == 302
        visitor.post(f"{link}/send")
        work()
        case = Case.objects.get()
        assert case.number in visitor.get(link).content.decode()
        assert case.number in text_of(post.last_to(NEW))
        world.number = case.number
        world.approve(0)
        world.approve(1)
        post.deliver()
        page = visitor.get(link).content.decode()
        assert "If nobody objects" in page
        world.later(hours=72)
        reset = re.search(r"/password/new/\S+", text_of(post.last_to(NEW)))
        assert reset
        assert visitor.post(reset[0], {"password": NEW_PASSWORD}).status_code == 302
        assert "Done" in visitor.get(link).content.decode()
    assert customer.sign_in is not None


def test_the_mailed_link_opens_the_same_page(link, visitor, post):
    visitor.post(f"{link}/send")
    mailed = re.search(r"/procedure/case/\S+", text_of(post.last_to(NEW)))

    assert mailed
    assert mailed[0] == link


def test_a_wrong_code_is_said_beside_the_field_with_the_tries_left(customer, visitor):
    link = begun(visitor, customer.handle)
    wrong = visitor.post(link, {"code": "BBBB-BBBB"})

    assert wrong.status_code == 422
    assert str(CaseCodeWrong(left=4)) in wrong.content.decode()
    assert Case.objects.get().wrong_codes == 1


def test_the_first_page_keeps_what_was_typed(visitor):
    answer = visitor.post("/procedure", {"kind": "both_lost", "typed": "dm1", "address": "no"})

    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="dm1"' in page
    assert re.search(r'value="both_lost"[^>]*checked', page)


@pytest.mark.parametrize("mangled", ["x", "x" * 32, "%2E%2E", "é", "a" * 500])
def test_a_mangled_link_is_a_page_that_helps(visitor, mangled):
    answer = visitor.get(f"/procedure/case/{mangled}")

    assert answer.status_code == 410
    assert "Begin again" in answer.content.decode()


def test_a_kind_visitors_cannot_open_is_refused(visitor):
    answer = visitor.post("/procedure", {**START, "kind": "not_me", "typed": "x"})

    assert answer.status_code == 422
    assert not Case.objects.exists()


def test_one_network_begins_ten_cases_an_hour(visitor):
    for number in range(10):
        begun(visitor, "x", address=f"n{number}@example.net")
    refused = visitor.post("/procedure", {**START, "typed": "x", "address": "n@example.net"})

    assert refused.status_code == 429
    assert "Retry-After" in refused.headers


def test_a_stranger_does_not_spend_what_the_new_mailbox_may_be_sent(visitor):
    for number in range(9):
        asked = {**START, "typed": "x", "address": f"new+{number}@example.net"}
        refused = visitor.post("/procedure", asked, REMOTE_ADDR="203.0.113.9")
    assert refused.status_code == 429

    asked = {**START, "typed": "x", "address": "new@example.net"}
    begun_elsewhere = visitor.post("/procedure", asked, REMOTE_ADDR="198.51.100.7")

    assert begun_elsewhere.status_code == 302
    assert Mail.objects.filter(recipient="new@example.net").count() == 1


def test_a_case_can_be_withdrawn_and_its_papers_are_gone(link, visitor):
    upload(visitor, link, picture())
    visitor.post(f"{link}/send")
    work()
    visitor.post(f"{link}/withdraw", {"meaning": "withdraw"})

    assert Case.objects.get().state == "withdrawn"
    assert not PaperBody.objects.exists()
    assert "Withdrawn" in visitor.get(link).content.decode()


def test_sent_twice_is_sent_once(link, visitor):
    for _ in range(3):
        assert visitor.post(f"{link}/send").status_code == 302
    work()
    assert Mail.objects.filter(template="cases/mail/received").count() == 1
    assert Mail.objects.filter(template="cases/mail/opened").count() == 1


def test_nothing_is_sent_before_the_address_is_proven(customer, visitor):
    link = begun(visitor, customer.handle)
    visitor.post(f"{link}/send")
    refused = upload(visitor, link, picture())
    work()

    assert refused.status_code == 410
    assert Case.objects.get().state == "filing"
    assert not Mail.objects.filter(template="cases/mail/opened").exists()


def test_a_new_link_to_the_page_goes_to_the_address_of_the_case(link, visitor, post):
    visitor.post(f"{link}/send")
    work()
    number = Case.objects.get().number
    answers = [
        visitor.post("/procedure/follow", {"number": typed, "address": address})
        for typed, address in (
            (number.lower(), NEW),
            (number, "nobody@example.net"),
            ("D-2222-2222", NEW),
            (number, "nonsense"),
        )
    ]
    work()

    assert len({shown(answer) for answer in answers}) == 1
    assert {answer.status_code for answer in answers} == {200}
    assert Mail.objects.filter(template="cases/mail/link").count() == 1
    fresh = re.search(r"/procedure/case/\S+", text_of(post.last_to(NEW)))
    assert fresh
    assert visitor.get(fresh[0]).status_code == 200
    assert visitor.get(link).status_code == 410


def test_the_delivery_of_the_mails_shows_on_the_page(link, visitor, customer):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        world = World(customer, clock, [make_reviewer("Claire"), make_reviewer("Karim")])
        visitor.post(f"{link}/send")
        work()
        world.number = Case.objects.get().number
        deliver()
        world.approve(0)
        world.approve(1)
        assert "has not happened yet" in visitor.get(link).content.decode()
        deliver()
        assert "If nobody objects" in visitor.get(link).content.decode()
