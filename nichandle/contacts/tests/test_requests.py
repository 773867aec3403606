"""A request from asking to its end: tokens, obstacles, replacement, lapse, dispute; and attacks."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conftest import make_person
from nichandle.accounts.models import Account
from nichandle.audit import queries as ledger
from nichandle.cases.models import Case
from nichandle.cases.signals import effected
from nichandle.contacts import answers, disputes, effect, operations, queries
from nichandle.contacts.errors import (
    AlreadyAnswered,
    AnotherAccount,
    ContactsFrozen,
    DisputeLinkNotValid,
    DisputeSettled,
    HigherRequestOpen,
    NotChangeable,
    NothingToChange,
    RequestGone,
    SentOften,
    ServiceEnded,
    TermsNotAccepted,
    TokenMissing,
    TokenNotValid,
    TooManyServices,
)
from nichandle.contacts.models import Item, Request, Side
from nichandle.contacts.naming import NewcomerNotReadable
from nichandle.contacts.steps import StepNotPossible, move
from nichandle.contacts.tests.helpers import (
    BROWSER,
    accept,
    acts,
    ask,
    both,
    freeze,
    holder,
    pause,
    refuse,
    resend,
    state,
    token,
    told,
    words,
    work,
)
from nichandle.contacts.words import ENDED, FOLLOWS, OPEN, STATES
from nichandle.handles.operations import adopt
from nichandle.kernel.errors import Refused
from nichandle.kernel.origin import NOWHERE
from nichandle.limits.errors import Exhausted
from nichandle.notme.signals import disowned
from nichandle.outbox.models import Mail
from nichandle.pauses import operations as pauses
from nichandle.services import obstacles
from nichandle.services.operations import change_state

pytestmark = pytest.mark.django_db


# Attacks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mine", ["technical", "billing"])
def test_a_technical_or_billing_contact_takes_no_administrator(
    contact, stranger, make_service, mine
):
    service = make_service(**{mine: contact})
    for named in (contact.handle, stranger.handle, stranger.email):
        with pytest.raises(NotChangeable):
            ask(contact, service, administrator=named)
    assert not Request.objects.exists()


def test_an_administrator_removes_no_owner(customer, contact, make_service):
    service = make_service(administrator=contact)
    for named in (contact.handle, contact.email):
        with pytest.raises(NotChangeable):
            ask(contact, service, owner=named)
        with pytest.raises(NotChangeable):
            ask(contact, service, technical=named, owner=named)
    assert holder(service, "owner") == customer.account.pk
    assert not Request.objects.exists(), "all or nothing"


def test_nobody_asks_about_anothers_service(stranger, make_service):
    mine, theirs = make_service(technical=stranger), make_service()
    for chosen in ([theirs], [mine, theirs]):
        with pytest.raises(NotChangeable):
            ask(stranger, chosen, technical=stranger.handle)


def test_a_token_of_one_request_is_nothing_on_another(customer, contact, make_service):
    (first,) = ask(customer, make_service(), technical=contact.handle)
    mine, theirs = token(customer.email), token(contact.email)
    (second,) = ask(customer, make_service(), technical=contact.handle)

    for person, secret in ((customer, mine), (contact, theirs), (customer, theirs)):
        with pytest.raises(TokenNotValid):
            accept(person, second, secret)
    with pytest.raises(TokenNotValid):
        accept(customer, first, theirs)
    assert state(first) == state(second) == "validatingByCustomers"


def test_the_asker_confirms_with_the_token_of_its_mail_only(customer, contact, make_service):
    (request,) = ask(customer, make_service(), technical=contact.handle)

    with pytest.raises(TokenMissing):
        accept(customer, request)
    with pytest.raises(TokenNotValid):
        accept(customer, request, "x" * 32)


def test_a_stranger_answers_nothing(customer, contact, stranger, make_service):
    service = make_service()
    (request,) = ask(customer, service, technical=contact.handle)

    for secret in ("", token(contact.email), token(customer.email)):
        with pytest.raises(AnotherAccount):
            accept(stranger, request, secret)
    for act in (refuse, resend):
        with pytest.raises(AnotherAccount):
            act(stranger, request)
    browser = stranger.sign_in()
    assert browser.get(f"/contacts/requests/{request.pk}").status_code == 404
    assert browser.get(f"/contacts/requests/{request.pk}/accept").status_code == 403


def test_a_token_works_once(customer, contact, make_service):
    (request,) = ask(customer, make_service(), technical=contact.handle)
    secret = token(customer.email)
    accept(customer, request, secret)

    with pytest.raises(AlreadyAnswered):
        accept(customer, request, secret)
    with pytest.raises(TokenNotValid):
        answers.refuse_by_token(secret=secret, origin=NOWHERE, now=timezone.now())


@pytest.mark.parametrize("named", ["known", "unknown", "known address", "unknown address"])
def test_the_asker_sees_the_same_for_known_and_unknown(customer, contact, make_service, named):
    typed = {
        "known": contact.handle,
        "unknown": "zz999999-OVH",
        "known address": contact.email,
        "unknown address": "nobody@example.net",
    }[named]
    service = make_service("one.example")
    browser = customer.sign_in()

    answer = browser.post("/contacts/change", {"services": service.pk, "technical": typed})
    assert answer.status_code == 302
    before = page_of(browser)
    work()
    after = page_of(browser)

    assert "Being prepared" in before
    assert "Waiting for the newcomer" in after
    assert "Martin" not in after
    if named != "known":
        assert contact.handle not in after
    request = Request.objects.get()
    browser.post(f"/contacts/requests/{request.pk}/resend")
    assert "on its way" in page_of(browser)
    assert customer_mails(customer) == 2
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        work()
    assert state(request) == "expired"
    assert told("ended").count(customer.email) == 1


def page_of(browser) -> str:
    request = Request.objects.get()
    return words(browser.get(f"/contacts/requests/{request.pk}"))


def customer_mails(customer) -> int:
    return Mail.objects.filter(recipient=customer.email, template="contacts/mail/confirm").count()


@pytest.mark.parametrize("typed", ["", "   ", "@", "no body@example", "!!!", "a" * 300])
def test_what_can_be_nobody_is_said_at_once_without_looking(customer, make_service, typed):
    with pytest.raises((NewcomerNotReadable, NothingToChange)):
        ask(customer, make_service(), technical=typed)


def test_no_hand_over_begins_during_a_pause_and_none_goes_on(customer, contact, make_service):
    service, now = make_service(), timezone.now()
    (request,) = ask(customer, service, technical=contact.handle)
    secret = token(customer.email)
    pause(customer)

    with pytest.raises(pauses.Paused):
        ask(customer, make_service(), technical=contact.handle)
    with pytest.raises(pauses.Paused):
        accept(customer, request, secret)
    accept(contact, request)
    assert state(request) == "validatingByCustomers"
    assert holder(service, "technical") == customer.account.pk
    accept(customer, request, secret, now=now + timedelta(hours=73))
    assert state(request) == "done"


def test_a_pause_that_begins_after_the_first_yes_is_waited_for(customer, contact, make_service):
    service, now = make_service(), timezone.now()
    (request,) = ask(customer, service, technical=contact.handle)
    accept(customer, request, token(customer.email))
    pause(customer)

    assert accept(contact, request).state == "doing"
    work(now + timedelta(hours=71))
    assert state(request) == "doing"
    assert holder(service, "technical") == customer.account.pk
    work(now + timedelta(hours=73))
    assert state(request) == "done"
    assert holder(service, "technical") == contact.account.pk


def test_a_pause_before_the_mails_leave_holds_them_back(customer, contact, make_service):
    service, now = make_service(), timezone.now()
    operations.ask(
        account_id=customer.account.pk,
        service_ids=[service.pk],
        named={"technical": contact.handle},
        origin=NOWHERE,
        now=now,
    )
    pause(customer)
    work(now)

    request = Request.objects.get()
    assert request.state == "checkValidity"
    assert not Mail.objects.filter(template__startswith="contacts/").exists()
    assert not queries.visible(request, contact.account)
    work(now + timedelta(hours=73))
    assert state(request) == "validatingByCustomers"
    assert told("asked") == [contact.email]


@pytest.mark.parametrize("name", obstacles.OBSTACLES)
def test_the_askers_obstacle_refuses_at_once(customer, contact, make_service, name):
    service = make_service()
    {"closed": lambda: freeze(customer, "closed"), "frozen": lambda: freeze(customer)}.get(
        name, lambda: pause(customer)
    )()

    with pytest.raises(Refused) as refused:
        ask(customer, service, technical=contact.handle)
    assert refused.value.code in {
        "obstacle.account_closed",
        "obstacle.account_frozen",
        "pause.running",
    }
    assert not Request.objects.exists()


@pytest.mark.parametrize("name", ["frozen", "paused"])
def test_the_newcomers_obstacle_is_told_to_the_newcomer_only(customer, contact, make_service, name):
    {"frozen": lambda: freeze(contact), "paused": lambda: pause(contact)}[name]()
    (request,) = ask(customer, make_service(), technical=contact.handle)

    assert state(request) == "validatingByCustomers", "the asker sees no difference"
    with pytest.raises(Refused) as refused:
        accept(contact, request)
    assert refused.value.code in {"obstacle.account_frozen", "pause.running"}
    assert state(request) == "validatingByCustomers"


def test_an_account_frozen_after_its_yes_ends_the_request(customer, contact, make_service):
    service = make_service()
    (request,) = ask(customer, service, technical=contact.handle)
    accept(contact, request)
    freeze(contact)
    accept(customer, request, token(customer.email, "confirm"))

    assert state(request) == "error"
    assert holder(service, "technical") == customer.account.pk


def test_another_room_adds_its_own_obstacle(customer, contact, make_service, monkeypatch):
    class Unpaid(Refused):
        code = "test.unpaid"
        message = "An invoice is unpaid."

    monkeypatch.setattr(obstacles, "OBSTACLES", dict(obstacles.OBSTACLES))
    owing = {customer.account.pk}
    obstacles.add(
        obstacles.Obstacle("unpaid", lambda account, now: Unpaid() if account.pk in owing else None)
    )

    with pytest.raises(Unpaid):
        ask(customer, make_service(), technical=contact.handle)
    service = make_service(administrator=contact)
    (request,) = ask(contact, service, technical=contact.handle)
    assert request.state == "done", "what one owes keeps nobody else from acting"


def test_a_closed_newcomer_is_nobody(customer, contact, make_service):
    Account.objects.filter(pk=contact.account.pk).update(state="closed", email_key=None)
    (request,) = ask(customer, make_service(), technical=contact.handle)

    assert request.state == "validatingByCustomers"
    assert request.to_account is None
    assert told("asked") == []


# Tokens, answers, lapse --------------------------------------------------------------------------


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
    with pytest.raises(SentOften):
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
    assert visitor.post(f"/contacts/answer/{secret}").status_code == 200

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


# Several at once, replacement ---------------------------------------------------------------------


def test_one_request_for_each_pair_of_accounts(customer, contact, stranger, make_service):
    ours, theirs = make_service(), make_service(billing=stranger)

    made = ask(customer, [ours, theirs], technical=contact.handle, billing=contact.handle)

    pairs = {(one.from_account_id, one.items.count()) for one in made}
    assert pairs == {(customer.account.pk, 3), (stranger.account.pk, 1)}
    for request in made:
        both_tokens(customer, contact, request)
    for service in (ours, theirs):
        assert holder(service, "technical") == holder(service, "billing") == contact.account.pk


def both_tokens(asker, newcomer, request):
    resend(asker, request)
    both(asker, newcomer, request)


def test_a_newer_request_for_a_role_takes_the_place_of_the_older(
    customer, contact, stranger, make_service
):
    service = make_service()
    (older,) = ask(customer, service, technical=contact.handle, billing=contact.handle)
    (newer,) = ask(customer, service, technical=stranger.handle)

    assert state(older) == "validatingByCustomers"
    assert set(older.items.filter(state="open").values_list("role", flat=True)) == {"billing"}
    (newest,) = ask(customer, service, billing=stranger.handle)
    older.refresh_from_db()
    assert (older.state, older.reason) == ("aborted", "replaced")
    assert state(newer) == state(newest) == "validatingByCustomers"
    assert Item.objects.filter(service=service, state="open").count() == 2


def test_a_lower_role_does_not_push_a_higher_ones_request_away(
    customer, contact, stranger, make_service
):
    service = make_service(technical=contact)
    (request,) = ask(customer, service, technical=stranger.handle)

    with pytest.raises(HigherRequestOpen):
        ask(contact, service, technical=contact.email.replace("paul", "other"))
    assert state(request) == "validatingByCustomers"


def test_a_higher_role_replaces_a_lower_ones_request(customer, contact, stranger, make_service):
    service = make_service(technical=contact)
    (lower,) = ask(contact, service, technical=stranger.handle)
    (higher,) = ask(customer, service, technical=customer.handle)

    assert state(lower) == "aborted"
    assert state(higher) == "done"
    assert holder(service, "technical") == customer.account.pk


def test_who_lost_the_right_meanwhile_hands_nothing_over(customer, contact, stranger, make_service):
    present = make_person("present@example.org")
    service = make_service(technical=present)
    (request,) = ask(customer, service, technical=stranger.handle)
    accept(stranger, request)
    secret = token(customer.email, "confirm")
    (takes,) = ask(customer, service, administrator=contact.handle)
    both(customer, contact, takes)

    accept(customer, request, secret)

    request.refresh_from_db()
    assert (request.state, request.reason) == ("error", "outdated")
    assert holder(service, "technical") == present.account.pk


@pytest.mark.parametrize("first", ["administrator", "billing"])
def test_two_newcomers_of_one_form_are_served_in_either_order(
    customer, contact, stranger, make_service, first
):
    """Who is billing contact may name their replacement, administrator still or no more."""
    service = make_service()
    made = ask(customer, service, administrator=contact.handle, billing=stranger.handle)
    by_newcomer = {request.to_account_id: request for request in made}
    order = [contact, stranger] if first == "administrator" else [stranger, contact]
    for newcomer in order:
        both_tokens(customer, newcomer, by_newcomer[newcomer.account.pk])

    assert {state(request) for request in made} == {"done"}
    assert holder(service, "administrator") == contact.account.pk
    assert holder(service, "billing") == stranger.account.pk


def test_a_former_administrator_stands_in_nobodys_way(customer, contact, stranger, make_service):
    service = make_service(technical=contact)
    (old,) = ask(customer, service, technical="somebody@example.net")
    (takes,) = ask(customer, service, administrator=stranger.handle)
    both(customer, stranger, takes)

    (newer,) = ask(contact, service, technical=stranger.handle)

    assert state(old) == "aborted"
    assert state(newer) == "validatingByCustomers"


def test_two_spellings_of_one_name_are_one_request(customer, make_service):
    made = ask(customer, make_service(), technical="zz999999-OVH", billing="ZZ 999 999 ovh")
    assert len(made) == 1


@pytest.mark.parametrize("spelling", ["look-alike", "alias", "without suffix"])
def test_an_administrator_takes_a_role_back_alone_by_any_name(
    customer, contact, make_service, now, spelling
):
    customer.account.refresh_from_db()
    adopt(text="DM77-RIPE", now=now, alias_of=customer.account.handle)
    typed = {
        "look-alike": customer.handle.replace("0", "O").replace("1", "l"),
        "alias": "dm77-ripe",
        "without suffix": customer.handle[:8],
    }[spelling]
    service = make_service(technical=contact)
    (request,) = ask(customer, service, technical=typed)

    assert state(request) == "done"
    assert holder(service, "technical") == customer.account.pk


def test_what_changes_nothing_is_said(customer, contact, make_service):
    service = make_service(technical=contact)
    with pytest.raises(NothingToChange):
        ask(customer, service, technical=contact.handle)
    with pytest.raises(NothingToChange):
        ask(customer, service)


def test_a_service_that_ended_keeps_its_contacts(customer, contact, make_service):
    with pytest.raises(ServiceEnded):
        ask(customer, make_service(state="terminated"), technical=contact.handle)
    service = make_service()
    (request,) = ask(customer, service, technical=contact.handle)
    change_state(service_id=service.pk, state="terminated", now=timezone.now())
    both(customer, contact, request)
    assert state(request) == "error"


def test_too_many_services_are_refused(customer, contact):
    with pytest.raises(TooManyServices):
        operations.ask(
            account_id=customer.account.pk,
            service_ids=range(1, 502),
            named={"technical": contact.handle},
            origin=NOWHERE,
            now=timezone.now(),
        )


def test_twenty_invitations_a_day(customer, make_service, now):
    service = make_service()
    for number in range(20):
        ask(customer, service, technical=f"n{number}@example.net", now=now)
    with pytest.raises(Exhausted):
        ask(customer, service, technical="one.more@example.net", now=now)
    ask(customer, service, technical="one.more@example.net", now=now + timedelta(days=1))


def test_one_newcomer_is_one_invitation_however_many_had_the_role(customer, make_service, now):
    holders = [make_person(f"tech{number}@example.org") for number in range(21)]
    services = [make_service(technical=holder) for holder in holders]

    made = ask(customer, services, technical="agency@example.net", now=now)

    assert len(made) == 21
    for number in range(19):
        ask(customer, services[0], technical=f"n{number}@example.net", now=now)
    with pytest.raises(Exhausted):
        ask(customer, services[0], technical="one.more@example.net", now=now)


def test_who_was_never_told_of_a_request_hears_nothing_of_its_end(
    customer, contact, make_service, now
):
    services = [make_service() for _ in range(12)]
    made = [ask(customer, one, technical=contact.handle, now=now)[0] for one in services]
    for request in made:
        answers.refuse(
            account_id=customer.account.pk, request_id=request.pk, origin=NOWHERE, now=now
        )
    work(now)

    assert told("ended").count(customer.email) == 12
    assert told("ended").count(contact.email) == 10
    assert acts(contact).count("contact.aborted") == 10


@pytest.mark.parametrize("act", ["ask", "send again", "ask again", "withdraw"])
def test_no_page_of_the_asker_takes_longer_for_a_newcomer_who_exists(
    customer, contact, make_service, act
):
    """Statements are counted: the database is what a page waits for."""
    browser, cost = customer.sign_in(), []
    for named in (contact.handle, "zz999999-OVH", contact.email, "nobody@example.net"):
        form = {"services": make_service().pk, "technical": named}
        path, data = "/contacts/change", form
        if act != "ask":
            browser.post(path, form)
            work()
            request = Request.objects.latest("pk")
            accept(customer, request, token(customer.email, "confirm"))
            data = form | {"technical": "other@example.net"}
        if act in {"send again", "withdraw"}:
            verb = "resend" if act == "send again" else "refuse"
            path, data = f"/contacts/requests/{request.pk}/{verb}", {}
        with CaptureQueriesContext(connection) as seen:
            assert browser.post(path, data).status_code == 302
        cost.append(len(seen))

    known, unknown, known_address, unknown_address = cost
    assert (known, known_address) == (unknown, unknown_address)


def test_one_person_is_not_flooded_and_the_asker_sees_no_difference(
    customer, contact, make_service, now
):
    services = [make_service() for _ in range(12)]
    made = [ask(customer, one, technical=contact.handle, now=now)[0] for one in services]

    assert told("asked") == [contact.email] * 10
    assert {state(request) for request in made} == {"validatingByCustomers"}


# Ledger, disowning, API ---------------------------------------------------------------------------


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
        origin=NOWHERE,
        now=start,
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
        origin=NOWHERE,
        now=timezone.now(),
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
    operations.confirm(account_id=person.account.pk, request_id=request.pk, origin=NOWHERE, now=now)


def test_a_programs_request_is_judged_again_when_it_is_confirmed(
    customer, contact, stranger, make_service, now
):
    service = make_service()
    (request,) = ask(customer, service, technical=stranger.handle, now=now, confirmed=False)
    (takes,) = ask(customer, service, administrator=contact.handle, technical=contact.handle)
    both(customer, contact, takes)

    with pytest.raises(NotChangeable):
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


# Disputes ----------------------------------------------------------------------------------------


@pytest.fixture
def handed_over(customer, contact, make_service):
    """Hand the administration of a service, with another service's, from customer to contact."""
    service = make_service("shop.example")
    (request,) = ask(customer, service, administrator=contact.handle)
    both(customer, contact, request)
    return service, request, token(customer.email, "done")


def test_the_outgoing_administrator_disputes_and_the_contacts_are_frozen(
    customer, contact, stranger, handed_over, visitor
):
    service, _request, secret = handed_over
    (pending,) = ask(contact, service, technical=stranger.handle)

    assert visitor.get(f"/contacts/dispute/{secret}").status_code == 200
    service.refresh_from_db()
    assert service.contacts_frozen_at is None, "opening does nothing"
    assert visitor.post(f"/contacts/dispute/{secret}").status_code == 200

    service.refresh_from_db()
    assert service.contacts_frozen_at is not None
    assert state(pending) == "aborted"
    with pytest.raises(ContactsFrozen):
        ask(contact, service, technical=stranger.handle)
    assert told("disputed") == sorted([customer.email, contact.email])
    assert "contact.disputed" in acts(customer)[:2]
    assert acts(contact)[0] == "contact.disputed"
    case = Case.objects.get()
    assert (case.kind, case.account_id) == ("contact_dispute", customer.account.pk)
    assert case.facts["newcomer"] == contact.handle
    assert visitor.post(f"/contacts/dispute/{secret}").status_code == 410
    page = contact.sign_in().get(f"/services/{service.pk}").content.decode()
    assert "in dispute" in page


@pytest.mark.parametrize("give_back", [True, False])
def test_customer_service_decides_a_dispute(customer, contact, handed_over, give_back):
    service, _request, secret = handed_over
    now = timezone.now()
    found = disputes.dispute(secret=secret, origin=NOWHERE, now=now)

    disputes.settle(
        dispute_id=found.pk, give_back=give_back, by="Anna", words="Looked into.", now=now
    )

    service.refresh_from_db()
    assert service.contacts_frozen_at is None
    winner = customer if give_back else contact
    assert holder(service, "administrator") == winner.account.pk
    assert told("settled") == sorted([customer.email, contact.email])
    with pytest.raises(DisputeSettled):
        disputes.settle(
            dispute_id=found.pk, give_back=give_back, by="Anna", words="Looked into.", now=now
        )


def test_a_dispute_link_works_for_seven_days(handed_over):
    _service, request, secret = handed_over
    request.refresh_from_db()
    with pytest.raises(DisputeLinkNotValid):
        disputes.dispute(secret=secret, origin=NOWHERE, now=request.ended_at + timedelta(days=7))


def test_the_owner_names_an_administrator_over_the_present_ones_head(
    customer, contact, stranger, make_service
):
    service = make_service(administrator=contact)
    (request,) = ask(customer, service, administrator=stranger.handle)
    both(customer, stranger, request)

    assert holder(service, "administrator") == stranger.account.pk
    secret = token(contact.email, "done")
    disputes.dispute(secret=secret, origin=NOWHERE, now=timezone.now())
    service.refresh_from_db()
    assert service.contacts_frozen_at is not None


@pytest.mark.parametrize("outcome", ["--give-back", "--let-stand"])
def test_the_operator_lists_and_decides_disputes(customer, contact, handed_over, outcome, capsys):
    service, _request, secret = handed_over
    found = disputes.dispute(secret=secret, origin=NOWHERE, now=timezone.now())

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
