"""A contact tells what seems wrong about another: reviewers of a running case read it."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from nichandle.commerce.contacts.tests.helpers import acts, work
from nichandle.identity.cases.keeping import sealing
from nichandle.identity.cases.models import Objection
from nichandle.identity.cases.operations import open_case as open_plain
from nichandle.platform.audit import queries as ledger
from nichandle.platform.audit.queries import details_of
from nichandle.platform.kernel.act import Act
from tests.support.cases import World

pytestmark = pytest.mark.django_db
WORDS = "Somebody telephoned me in her name.\nReach me at 03 20 00 00 00."


@pytest.fixture
def service(make_service, contact):
    return make_service("shop.example", technical=contact)


def warn(person, service, *, about, words=WORDS, **more):
    place = reverse("contacts:warn", args=[service.pk])
    return person.sign_in().post(place, {"about": about, "words": words}, **more)


def open_case(customer):
    return World(customer, None, []).open()


def test_the_reviewers_of_a_case_read_what_a_contact_says(customer, contact, service):
    case = open_case(customer)
    assert (
        f"/contacts/warn/{service.pk}"
        in contact.sign_in().get(f"/services/{service.pk}").content.decode()
    )

    assert warn(contact, service, about=customer.handle).status_code == 302
    work()

    said = Objection.objects.get()
    assert (said.case, said.who, said.by) == (case, contact.handle, "contact")
    assert "telephoned" not in said.words, "sealed like the papers"
    read = sealing.words_of(case, said.words, name=sealing.of_objection(said))
    assert read.split() == WORDS.split()
    assert not said.deciding
    case.refresh_from_db()
    assert case.contested_at is None
    assert "contact.warned" in acts(contact)


def test_the_account_reads_that_a_contact_wrote_never_from_where(customer, contact, service):
    open_case(customer)
    warn(contact, service, about=customer.handle, REMOTE_ADDR="192.0.2.77")
    work()

    entries = ledger.entries_of(customer.account.pk).rows
    told = details_of(next(one for one in entries if one.act == "case.objected"))
    assert told["address"] == contact.handle
    assert "192.0.2.77" not in str(told)
    assert Objection.objects.get().ip == "192.0.2.77"


def test_with_and_without_a_case_the_page_answers_the_same_at_the_same_cost(
    customer, contact, service
):
    seen = []
    for opened in (False, True):
        if opened:
            open_case(customer)
        browser = contact.sign_in()
        place = reverse("contacts:warn", args=[service.pk])
        with CaptureQueriesContext(connection) as statements:
            answer = browser.post(place, {"about": customer.handle, "words": WORDS}, follow=True)
        said = re.search(r'class="messages.*?</', answer.content.decode(), re.DOTALL)
        assert said
        seen.append((answer.redirect_chain, said[0], len(statements)))
        work()
        assert Objection.objects.exists() == opened
    assert seen[0] == seen[1]


def test_only_cases_that_give_access_are_told(customer, contact, service, origin, now):
    open_plain(account_id=customer.account.pk, kind="not_me", act=Act(origin, now))
    warn(contact, service, about=customer.handle)
    work()
    assert not Objection.objects.exists()


def test_a_second_warning_adds_and_the_same_one_twice_counts_once(customer, contact, service):
    open_case(customer)
    for words in ("He has another telephone number.", "He has another telephone number.", WORDS):
        warn(contact, service, about=customer.handle, words=words)
        work()
    assert Objection.objects.count() == 2


def test_whoever_shares_no_service_says_nothing(customer, stranger, contact, service):
    open_case(customer)
    assert warn(stranger, service, about=customer.handle).status_code == 404
    answer = warn(contact, service, about=stranger.handle)
    assert answer.status_code == 422
    assert "Reach me at" in answer.content.decode(), "nothing typed is lost"
    work()
    assert not Objection.objects.exists()


def test_with_nobody_else_on_it_there_is_nobody_to_warn_about(customer, make_service):
    alone = make_service("alone.example")
    assert warn(customer, alone, about=customer.handle).status_code == 404


@pytest.mark.parametrize(
    ("about", "words", "said"),
    [
        ("", WORDS, "Choose a contact"),
        ("it", " ", "Write what seems wrong"),
        ("it", "x" * 2001, "2001"),
    ],
)
def test_what_is_missing_or_too_long_is_said(customer, contact, service, about, words, said):
    answer = warn(contact, service, about=customer.handle if about else "", words=words)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_after_five_in_a_day_the_page_says_when_and_keeps_the_words(customer, contact, service):
    for number in range(5):
        assert warn(contact, service, about=customer.handle, words=str(number)).status_code == 302
    answer = warn(contact, service, about=customer.handle)
    assert answer.status_code == 429
    assert "Reach me at" in answer.content.decode()
