"""Probing with a change whether an address opens an account: nothing that the asker sees tells."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nichandle.identity.emailchange.models import Change
from nichandle.identity.emailchange.tests.journey import NEW
from nichandle.platform.outbox.models import Mail
from tests.support.people import make_person
from tests.support.worker import work

pytestmark = pytest.mark.django_db
SEEN = ["/area", "/account/address", "/account/mails", "/account/ledger", "/account/ledger.csv"]


def neutral(page: str, *addresses: str) -> str:
    """Return what a page says, without what is anew in every page and every account."""
    for address in addresses:
        page = page.replace(address, "ADDRESS")
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
    page = re.sub(r"[a-z]{2}\d{6}-OVH|[A-Z]{2}[\d ]{6,8}-OVH", "HANDLE", page)
    page = re.sub(r"<span>\d{3}</span>", "", page)
    page = re.sub(r"/account/mails/\d+", "MAIL", page)
    return re.sub(r"\b[0-9a-f]{16,64}\b|\d{4}-\d\d-\d\dT[\d:.+]+", "", page)


class Asker:
    """Somebody who asks for an address, and all they get to see."""

    def __init__(self, email: str, asked: str) -> None:
        self.person, self.asked = make_person(email), asked
        self.browser = self.person.sign_in()
        self.browser.get("/account/address")

    def counted(self, path: str, **data: str) -> int:
        with CaptureQueriesContext(connection) as statements:
            self.answer = self.browser.post(path, data)
        return len(statements)

    def sees(self) -> list[str]:
        own = (self.asked, self.person.email)
        pages = [self.browser.get(path) for path in SEEN]
        return [neutral(page.getvalue().decode(), *own) for page in pages]


@pytest.fixture
def askers(stranger, post):
    with time_machine.travel(timezone.now(), tick=False):
        yield (
            Asker("one@example.org", "free@new.example"),
            Asker("two@example.org", stranger.email),
        )


def test_asking_and_sending_again_cost_the_same_statements(askers):
    for path, data in (
        ("/account/address", {}),
        ("/account/address/again", {"what": "proof"}),
        ("/account/address/again", {"what": "code"}),
    ):
        free, taken = (one.counted(path, **(data or {"address": one.asked})) for one in askers)
        assert free == taken, path
        assert len({one.answer.status_code for one in askers}) == 1
    assert sorted(Change.objects.values_list("taken", flat=True)) == [False, True]


def test_pages_mails_and_ledger_are_the_same(askers, post):
    for one in askers:
        one.browser.post("/account/address", {"address": one.asked})
    for _ in range(2):
        free, taken = (one.sees() for one in askers)
        for path, left, right in zip(SEEN, free, taken, strict=True):
            assert left.splitlines() == right.splitlines(), path
        work()
        post.deliver()


def test_the_rows_in_the_asked_accounts_names_are_the_same(askers, post):
    for one in askers:
        one.browser.post("/account/address", {"address": one.asked})
        one.browser.post("/account/address/again", {"what": "proof"})
    work()
    post.deliver()

    free, taken = (
        list(
            Mail.objects.filter(account_id=one.person.account.pk)
            .order_by("pk")
            .values_list("template", "state")
        )
        for one in askers
    )
    assert free == taken
    assert not [template for template, _state in free if "proof" in template]


def test_the_owner_hears_of_it_and_no_link_leaves(askers, stranger, post):
    for one in askers:
        one.browser.post("/account/address", {"address": one.asked})
    work()

    assert "asked" in str(post.last_to(stranger.email)["Subject"])
    to = [to for to, message in post.messages if "/change/proof/" in message.as_string()]
    assert to == ["free@new.example"]
    told = Mail.objects.get(template="emailchange/mail/taken")
    assert told.account_id == stranger.account.pk
    assert not told.origin_ip
    assert askers[1].person.handle not in str(told.context)


def test_word_goes_to_the_address_as_its_owner_wrote_it(askers, post):
    """Equal by its key, but a mailbox of its own: what a stranger typed must get nothing."""
    owner = make_person("Paul.Meier@example.org")
    askers[0].browser.post("/account/address", {"address": "paul.meier@example.org"})
    work()

    told = Mail.objects.get(template="emailchange/mail/taken")
    assert (told.recipient, told.handle) == ("Paul.Meier@example.org", owner.handle)


def test_word_of_an_address_that_is_kept_goes_there(journey, contact):
    journey.ask()
    journey.prove()
    journey.wait(hours=25)
    assert journey.email == NEW
    contact.sign_in().post("/account/address", {"address": journey.customer.email})

    journey.deliver()

    told = Mail.objects.get(template="emailchange/mail/taken")
    assert told.recipient == journey.customer.email
    assert told.account_id == journey.customer.account.pk


def test_a_link_sent_again_before_the_job_ran_is_mailed_once(journey):
    journey.ask(deliver=False)
    journey.browser.post("/account/address/again", {"what": "proof"})
    journey.deliver()

    assert Mail.objects.filter(template="emailchange/mail/proof").count() == 1
    assert journey.prove().status_code == 200


def test_two_askers_of_one_address_due_together_one_gets_it(journey, contact):
    """Judged at effect: the later one looks unproven, and its asker is told nothing."""
    other = contact.sign_in(Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en"))
    journey.ask()
    journey.prove()
    other.post("/account/address", {"address": NEW})
    journey.deliver()
    other.post(journey.found(re.compile(r"/change/proof/\S+"), NEW))
    Change.objects.update(proven_at=timezone.now())
    journey.wait(hours=25)

    assert journey.email == NEW
    late = Change.objects.get(account=contact.account)
    assert (late.state, late.taken, late.proven_at) == ("todo", True, None)
    told = Mail.objects.get(template="emailchange/mail/taken")
    assert told.recipient == NEW
    assert told.account_id == journey.customer.account.pk
    journey.clock.shift(timedelta(hours=1))
    page = contact.sign_in(other).get("/account/address").content.decode()
    assert "Not proven" in page
