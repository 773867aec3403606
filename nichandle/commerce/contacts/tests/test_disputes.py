"""Disputes: frozen at once, told to everybody concerned, decided by reviewers, truly given back."""

import re
from datetime import timedelta
from functools import partial

import pytest
from django.core.management import call_command
from django.utils import timezone

from nichandle.commerce.contacts.disputes import operations
from nichandle.commerce.contacts.errors import ContactsFrozen, DisputeLinkNotValid, DisputeSettled
from nichandle.commerce.contacts.tests.helpers import (
    acts,
    ask,
    both,
    holder,
    state,
    token,
    told,
    words,
)
from nichandle.identity.cases.errors import CaseOver
from nichandle.identity.cases.models import Case
from nichandle.identity.cases.review import reviewing
from nichandle.identity.cases.signals import effected
from nichandle.identity.staff.models import StaffMember
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.origin import NOWHERE
from nichandle.platform.outbox.models import Mail
from nichandle.sites.desk.tests.people import enter

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(customer, contact, owner, service):
    """Have the owner name contact in the customer's place; return the customer's link."""
    (request,) = ask(owner, service, administrator=contact.handle)
    both(owner, contact, request)
    return token(customer.email, "done")


def open_dispute(secret):
    return operations.dispute(secret=secret, act=Act.by_itself(timezone.now()))


def settle(found, *, give_back):
    operations.settle(
        dispute_id=found.pk, give_back=give_back, by="Anna", words="Checked.", now=timezone.now()
    )


def test_given_back_from_whoever_has_it_by_now(customer, contact, stranger, owner, service, link):
    (onward,) = ask(contact, service, administrator=stranger.handle)
    both(contact, stranger, onward)
    assert holder(service, "administrator") == stranger.account.pk

    found = open_dispute(link)
    assert stranger.email in told("disputed"), "whoever has it now is told"
    settle(found, give_back=True)

    assert holder(service, "administrator") == customer.account.pk
    people = (customer, contact, stranger, owner)
    assert told("settled") == sorted(person.email for person in people)
    mail = Mail.objects.filter(template="contacts/mail/settled").first()
    assert (mail.context["given_back"], mail.context["before"]) == (True, customer.handle)


def test_the_owner_and_the_other_contacts_hear_of_a_dispute_and_its_outcome(
    customer, contact, stranger, make_service
):
    service = make_service("owned.example", owner=stranger)
    make_service("unrelated.example", technical=stranger)
    (request,) = ask(stranger, service, administrator=contact.handle)
    both(stranger, contact, request)
    found = open_dispute(token(customer.email, "done"))
    assert acts(stranger)[0] == "contact.disputed"
    settle(found, give_back=False)

    for person in (customer, contact, stranger):
        assert {person.email} <= set(told("disputed")) & set(told("settled"))
        newest = ledger.entries_of(person.account.pk).rows[0]
        details = ledger.details_of(newest)
        assert newest.act == "contact.dispute_settled"
        assert details["outcome"] == "stands"
        assert details["services"] == ["owned.example"]
    page = words(stranger.sign_in().get("/account/ledger?kind=contact"))
    assert "the hand-over stands" in page


@pytest.mark.parametrize("give_back", ["yes", "no"])
def test_a_reviewer_decides_on_the_page_of_the_case(customer, contact, service, link, give_back):
    found = open_dispute(link)
    here, case = enter("Anna"), Case.objects.get()
    place = f"/desk/case/{case.number}"
    assert "Contact before" not in words(here.get(place)), "for those who have taken it up"
    here.post(f"{place}/take")
    shown = words(here.get(place))
    for raw in ("asked_by", "newcomer\n", "\nbefore\n"):
        assert raw not in shown
    assert "Contact before" in shown
    assert "Administrator contact" in shown
    assert contact.handle in words(here.get(place)), "who has the role now"

    assert here.post(f"{place}/settle", {"give_back": give_back}).status_code == 422
    said = {"give_back": give_back, "words": "The contract says so."}
    assert here.post(f"{place}/settle", said).status_code == 302

    case.refresh_from_db()
    found.refresh_from_db()
    service.refresh_from_db()
    assert case.state == "closed"
    assert (found.given_back, found.decided_by) == (give_back == "yes", "Anna")
    assert service.contacts_frozen_at is None
    winner = customer if give_back == "yes" else contact
    assert holder(service, "administrator") == winner.account.pk
    mail = Mail.objects.filter(template="contacts/mail/settled").first()
    assert mail.context["words"] == "The contract says so."
    assert "case.closed" in acts(customer)
    assert here.post(f"{place}/settle", said).status_code == 422


@pytest.mark.parametrize("act", ["close", "refuse"])
def test_the_case_of_a_dispute_ends_with_its_decision_alone(link, act):
    open_dispute(link)
    enter("Anna")
    case, who, now = Case.objects.get(), StaffMember.objects.get(), timezone.now()
    reviewing.take(number=case.number, reviewer_id=who.pk, now=now)
    given = {"number": case.number, "reviewer_id": who.pk, "words": "It stands.", "now": now}
    acts_there = {
        "close": partial(reviewing.close, **given),
        "refuse": partial(reviewing.refuse, reasons=["objection"], **given),
    }

    with pytest.raises(CaseOver):
        acts_there[act]()


def test_the_command_closes_the_case_and_says_who_decided(link):
    found = open_dispute(link)
    who = ["--by", "Night shift", "--reason", "Both agree."]
    call_command("dispute", "settle", str(found.pk), "--let-stand", *who)

    found.refresh_from_db()
    case = Case.objects.get()
    assert (case.state, case.reason_words) == ("closed", "Both agree.")
    assert found.decided_by == "Night shift"


def test_two_disputes_keep_a_service_frozen_until_both_are_decided(
    customer, contact, stranger, owner, service, link
):
    (onward,) = ask(owner, service, administrator=stranger.handle)
    both(owner, stranger, onward)
    second = token(contact.email, "done")
    first = open_dispute(link)
    other = open_dispute(second)

    settle(first, give_back=True)
    service.refresh_from_db()
    assert service.contacts_frozen_at is not None
    settle(other, give_back=False)
    service.refresh_from_db()
    assert service.contacts_frozen_at is None
    assert holder(service, "administrator") == customer.account.pk


def test_with_access_given_back_one_disputes_signed_in(customer, contact, stranger, service, link):
    effected.send(
        sender=Case,
        account_id=customer.account.pk,
        factors=False,
        address=customer.email,
        act=Act.by_itself(timezone.now()),
    )
    with pytest.raises(DisputeLinkNotValid):
        open_dispute(link)
    browser = customer.sign_in()
    door = re.search(
        r"/contacts/requests/\d+/dispute", browser.get("/contacts/requests").content.decode()
    )
    assert door
    for other in (contact, stranger):
        assert other.sign_in().get(door[0]).status_code == 404
    assert "shop.example" in words(browser.get(door[0]))
    service.refresh_from_db()
    assert service.contacts_frozen_at is None, "opening does nothing"

    assert "is disputed" in words(browser.post(door[0]))

    service.refresh_from_db()
    assert service.contacts_frozen_at is not None
    assert browser.get(door[0]).status_code == 404


def test_the_door_of_a_dispute_is_shut_after_seven_days_and_needs_a_fresh_sign_in(
    customer, link, time_machine
):
    browser = customer.sign_in()
    door = re.search(
        r"/contacts/requests/\d+/dispute", browser.get("/contacts/requests").content.decode()
    )
    assert door
    time_machine.move_to(timezone.now() + timedelta(minutes=11))
    assert "Sign in again" in words(browser.get(door[0]))
    time_machine.move_to(timezone.now() + timedelta(days=7))
    assert customer.sign_in().get(door[0]).status_code == 404


# From the request to the operator's decision.


@pytest.fixture
def handed_over(customer, contact, owner, service):
    """Have the owner hand the administration of a service from customer to contact."""
    (request,) = ask(owner, service, administrator=contact.handle)
    both(owner, contact, request)
    return service, request, token(customer.email, "done")


def test_the_outgoing_administrator_disputes_and_the_contacts_are_frozen(
    customer, contact, stranger, owner, handed_over, visitor
):
    service, _request, secret = handed_over
    (pending,) = ask(contact, service, technical=stranger.handle)

    assert visitor.get(f"/contacts/dispute/{secret}").status_code == 200
    service.refresh_from_db()
    assert service.contacts_frozen_at is None, "opening does nothing"
    assert visitor.post(f"/contacts/dispute/{secret}", {"meaning": "dispute"}).status_code == 200

    service.refresh_from_db()
    assert service.contacts_frozen_at is not None
    assert state(pending) == "aborted"
    with pytest.raises(ContactsFrozen):
        ask(contact, service, technical=stranger.handle)
    assert told("disputed") == sorted([customer.email, contact.email, owner.email])
    assert "contact.disputed" in acts(customer)[:2]
    assert acts(contact)[0] == "contact.disputed"
    case = Case.objects.get()
    assert (case.kind, case.account_id) == ("contact_dispute", customer.account.pk)
    assert case.facts["newcomer"] == contact.handle
    assert visitor.post(f"/contacts/dispute/{secret}").status_code == 410
    page = contact.sign_in().get(f"/services/{service.pk}").content.decode()
    assert "in dispute" in page


@pytest.mark.parametrize("give_back", [True, False])
def test_customer_service_decides_a_dispute(customer, contact, owner, handed_over, give_back):
    service, _request, secret = handed_over
    now = timezone.now()
    found = operations.dispute(secret=secret, act=Act.by_itself(now))

    operations.settle(
        dispute_id=found.pk, give_back=give_back, by="Anna", words="Looked into.", now=now
    )

    service.refresh_from_db()
    assert service.contacts_frozen_at is None
    winner = customer if give_back else contact
    assert holder(service, "administrator") == winner.account.pk
    assert told("settled") == sorted([customer.email, contact.email, owner.email])
    with pytest.raises(DisputeSettled):
        operations.settle(
            dispute_id=found.pk, give_back=give_back, by="Anna", words="Looked into.", now=now
        )


def test_a_dispute_link_works_for_seven_days(handed_over):
    _service, request, secret = handed_over
    request.refresh_from_db()
    with pytest.raises(DisputeLinkNotValid):
        operations.dispute(secret=secret, act=Act(NOWHERE, request.ended_at + timedelta(days=7)))


def test_the_owner_names_an_administrator_over_the_present_ones_head(
    customer, contact, stranger, make_service
):
    service = make_service(administrator=contact)
    (request,) = ask(customer, service, administrator=stranger.handle)
    both(customer, stranger, request)

    assert holder(service, "administrator") == stranger.account.pk
    secret = token(contact.email, "done")
    operations.dispute(secret=secret, act=Act.by_itself(timezone.now()))
    service.refresh_from_db()
    assert service.contacts_frozen_at is not None


@pytest.mark.parametrize("outcome", ["--give-back", "--let-stand"])
def test_the_operator_lists_and_decides_disputes(customer, contact, handed_over, outcome, capsys):
    service, _request, secret = handed_over
    found = operations.dispute(secret=secret, act=Act.by_itself(timezone.now()))

    call_command("dispute", "list")
    listed = capsys.readouterr().out
    assert f"{customer.handle} → {contact.handle}" in listed
    assert "shop.example" in listed
    why = ["--by", "Anna", "--reason", "Looked into."]
    call_command("dispute", "settle", str(found.pk), outcome, *why)

    winner = customer if outcome == "--give-back" else contact
    assert holder(service, "administrator") == winner.account.pk
    capsys.readouterr()
    call_command("dispute", "list")
    assert capsys.readouterr().out == ""
