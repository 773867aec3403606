"""A request from asking to its end: tokens, answers, lapse, what ends or holds it, programs."""

from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.commerce.contacts.errors import (
    AlreadyAnswered,
    ContactsNotChangeable,
    RequestGone,
    RequestSentOften,
    ServiceEnded,
    TermsNotAccepted,
    TokenNotValid,
)
from nichandle.commerce.contacts.lifecycle.steps import StepNotPossible, move
from nichandle.commerce.contacts.models import Request, Side
from nichandle.commerce.contacts.requests import asking, effect
from nichandle.commerce.contacts.tests.helpers import (
    BROWSER,
    accept,
    acts,
    ask,
    both,
    holder,
    refuse,
    resend,
    state,
    token,
    told,
    words,
    work,
)
from nichandle.commerce.contacts.words import ENDED, FOLLOWS, OPEN, STATES
from nichandle.commerce.services.operations import change_state
from nichandle.identity.cases.models import Case
from nichandle.identity.cases.signals import effected
from nichandle.identity.notme.signals import disowned
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail

pytestmark = pytest.mark.django_db


def test_each_side_has_its_own_mail_and_token(customer, contact, make_service):
    (request,) = ask(customer, make_service(), technical=contact.handle)

    assert token(customer.email) != token(contact.email)
    assert told("confirm") == [customer.email]
    assert told("asked") == [contact.email]
    stored = set(Side.objects.filter(request=request).values_list("digest", flat=True))
    assert not stored & {token(customer.email), token(contact.email)}


def test_sending_again_makes_a_new_token_and_voids_the_old(customer, contact, make_service):
    (request,) = ask(customer, make_service(), technical=contact.handle)
    old = token(contact.email)
    for _ in range(3):
        resend(contact, request)
    with pytest.raises(RequestSentOften):
        resend(contact, request)

    with pytest.raises(TokenNotValid):
        accept(contact, request, old)
    accept(contact, request, token(contact.email))
    with pytest.raises(AlreadyAnswered):
        resend(contact, request)


def test_the_asker_sends_its_own_again_and_then_the_newcomers(customer, contact, make_service):
    (request,) = ask(customer, make_service(), technical=contact.handle)
    resend(customer, request)
    assert (told("confirm"), told("asked")) == ([customer.email] * 2, [contact.email])
    accept(customer, request, token(customer.email, "confirm"))
    resend(customer, request)
    assert told("asked") == [contact.email] * 2


def test_refusing_needs_no_sign_in(customer, contact, make_service, visitor):
    service = make_service("shop.example")
    (request,) = ask(customer, service, technical=contact.handle)
    secret = token(contact.email)

    shown = words(visitor.get(f"/contacts/answer/{secret}"))
    assert "shop.example" in shown
    assert customer.handle in shown
    assert customer.email not in shown
    assert state(request) == "validatingByCustomers", "opening does nothing"
    assert visitor.post(f"/contacts/answer/{secret}", {"meaning": "refuse"}).status_code == 200

    assert state(request) == "refused"
    assert sorted(told("ended")) == sorted([customer.email, contact.email])
    assert visitor.get(f"/contacts/answer/{secret}").status_code == 410
    assert "contact.refused" in acts(customer)
    assert "contact.refused" in acts(contact)


def test_the_asker_withdraws(customer, contact, make_service):
    (request,) = ask(customer, make_service(), technical=contact.handle)
    secret = token(contact.email)
    refuse(customer, request)

    request.refresh_from_db()
    assert (request.state, request.reason) == ("aborted", "withdrawn")
    for answer in (lambda: accept(contact, request, secret), lambda: refuse(contact, request)):
        with pytest.raises(RequestGone):
            answer()


def test_nothing_can_be_refused_once_accepted(customer, contact, make_service):
    (request,) = ask(customer, make_service(), technical=contact.handle)
    accept(contact, request)
    with pytest.raises(AlreadyAnswered):
        refuse(contact, request)


def test_it_lapses_after_seven_days_to_the_second(customer, contact, make_service, now):
    (request,) = ask(customer, make_service(), technical=contact.handle, now=now)
    last = now + timedelta(days=7) - timedelta(seconds=1)
    accept(contact, request, now=last)
    work(last)
    assert state(request) == "validatingByCustomers"
    with pytest.raises(RequestGone):
        accept(customer, request, token(customer.email), now=now + timedelta(days=7))
    work(now + timedelta(days=7))
    assert state(request) == "expired"
    assert sorted(told("ended")) == sorted([customer.email, contact.email])


@pytest.mark.parametrize("role", ["owner", "administrator"])
def test_whoever_takes_it_over_accepts_the_terms(customer, contact, make_service, role):
    (request,) = ask(customer, make_service(), **{role: contact.handle})
    with pytest.raises(TermsNotAccepted):
        accept(contact, request, terms=False)
    accept(contact, request, terms=True)
    request.refresh_from_db()
    assert request.terms_at is not None


def test_a_technical_contact_has_no_terms_to_accept(customer, contact, make_service):
    (request,) = ask(customer, make_service(), technical=contact.handle)
    accept(contact, request, terms=False)


def test_nobody_reads_from_where_another_acted(customer, contact, make_service):
    (request,) = ask(customer, make_service(), technical=contact.handle, origin=BROWSER)
    both(customer, contact, request)

    for person, other in ((customer, contact), (contact, customer)):
        for entry in ledger.entries_of(person.account.pk).rows:
            details = ledger.details_of(entry)
            if details.get("actor") and details["actor"] != person.handle:
                assert "ip" not in details, entry.act
            assert other.email not in str(details) or entry.act == "contact.asked"
    assert not Mail.objects.filter(template="contacts/mail/done", origin_ip__isnull=False).exists()


def test_it_was_not_me_ends_what_was_asked_since_and_holds_what_was_before(
    customer, contact, make_service
):
    start = timezone.now()
    before, since = make_service(), make_service()
    (held,) = ask(customer, before, technical=contact.handle, now=start - timedelta(hours=2))
    (ended,) = ask(customer, since, technical=contact.handle, now=start)
    accept(customer, held, token_of(held, customer), now=start - timedelta(hours=2))
    disowned.send(
        sender=Request,
        account_id=customer.account.pk,
        since=start - timedelta(hours=1),
        act=Act.by_itself(start),
    )

    ended.refresh_from_db()
    assert (ended.state, ended.reason) == ("aborted", "disowned")
    assert accept(contact, held).state == "doing"
    assert holder(before, "technical") == customer.account.pk
    browser = customer.sign_in()
    assert "This request is held" in browser.get(f"/contacts/requests/{held.pk}").content.decode()
    browser.post(f"/contacts/requests/{held.pk}/resume")
    assert state(held) == "done"
    assert "contact.held" in acts(customer)


def test_access_given_back_ends_what_was_asked_in_the_accounts_name(
    customer, contact, make_service
):
    (request,) = ask(customer, make_service(), administrator=contact.handle)
    accept(customer, request, token(customer.email))
    effected.send(
        sender=Case,
        account_id=customer.account.pk,
        factors=False,
        address=customer.email,
        act=Act.by_itself(timezone.now()),
    )

    request.refresh_from_db()
    assert (request.state, request.reason) == ("aborted", "access_given")
    with pytest.raises(RequestGone):
        accept(contact, request)


def token_of(request, person):
    resend(person, request)
    return token(person.email, "confirm")


def test_asked_by_a_program_it_sends_nothing_and_replaces_nothing_before_it_is_confirmed(
    customer, contact, stranger, make_service
):
    service = make_service()
    (mine,) = ask(customer, service, technical=contact.handle)
    Mail.objects.all().delete()
    (programs,) = ask(customer, service, technical=stranger.handle, confirmed=False)

    assert programs.state == "todo"
    assert not Mail.objects.exists()
    assert state(mine) == "validatingByCustomers"
    browser = customer.sign_in()
    browser.post(f"/contacts/requests/{programs.pk}/begin")
    work()
    assert state(programs) == "validatingByCustomers"
    assert state(mine) == "aborted"


def test_the_clock_of_a_programs_request_starts_with_its_confirmation(
    customer, contact, make_service, now
):
    (request,) = ask(customer, make_service(), technical=contact.handle, now=now, confirmed=False)
    later = now + timedelta(days=8)
    work(later)
    assert state(request) == "todo"
    assert not Mail.objects.exists()

    confirm(customer, request, later)
    work(later + timedelta(days=6))
    assert state(request) == "validatingByCustomers"


def confirm(person, request, now):
    asking.confirm(account_id=person.account.pk, request_id=request.pk, act=Act.by_itself(now))


def test_a_programs_request_is_judged_again_when_it_is_confirmed(
    customer, contact, stranger, make_service, now
):
    service = make_service()
    (request,) = ask(customer, service, technical=stranger.handle, now=now, confirmed=False)
    (takes,) = ask(customer, service, administrator=contact.handle, technical=contact.handle)
    both(customer, contact, takes)

    with pytest.raises(ContactsNotChangeable):
        confirm(customer, request, timezone.now())
    change_state(service_id=service.pk, state="terminated", now=timezone.now())
    with pytest.raises(ServiceEnded):
        confirm(customer, request, timezone.now())
    assert state(request) == "todo"


def test_who_waits_for_long_keeps_nobody_else_waiting(
    customer, contact, make_service, monkeypatch, now
):
    monkeypatch.setattr(effect, "AT_ONCE", 2)
    waiting = []
    for _ in range(3):
        (request,) = ask(customer, make_service(), technical=contact.handle, now=now)
        accept(customer, request, token(customer.email, "confirm"), now=now)
        Request.objects.filter(pk=request.pk).update(held_at=now)
        accept(contact, request, now=now)
        waiting.append(request)
    assert {state(request) for request in waiting} == {"doing"}
    Request.objects.filter(pk=waiting[2].pk).update(held_at=None)

    later = now + timedelta(minutes=2)
    for _ in range(2):
        effect.go_on(now=later)

    assert [state(request) for request in waiting] == ["doing", "doing", "done"]


def test_no_state_follows_another_but_as_the_table_says(customer, contact, make_service, now):
    assert set(OPEN) | set(ENDED) == set(STATES) == set(Request.State.values)
    assert set(FOLLOWS) == set(OPEN)
    (request,) = ask(customer, make_service(), technical=contact.handle)
    with pytest.raises(StepNotPossible):
        move(request, "done", now=now)
