"""What nobody gets by asking for a role: a higher one, another's token, who is a customer."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from nichandle.commerce.contacts import queries
from nichandle.commerce.contacts.errors import (
    AlreadyAnswered,
    AnotherAccount,
    ContactsNotChangeable,
    NothingToChange,
    TokenMissing,
    TokenNotValid,
)
from nichandle.commerce.contacts.models import Request
from nichandle.commerce.contacts.naming import NewcomerNotReadable
from nichandle.commerce.contacts.requests import answering, asking
from nichandle.commerce.contacts.tests.helpers import (
    accept,
    ask,
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
from nichandle.commerce.services import obstacles
from nichandle.identity.accounts.models import Account
from nichandle.identity.pauses import operations as pauses
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.outbox.models import Mail

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("mine", ["technical", "billing"])
def test_a_technical_or_billing_contact_takes_no_administrator(
    contact, stranger, make_service, mine
):
    service = make_service(**{mine: contact})
    for named in (contact.handle, stranger.handle, stranger.email):
        with pytest.raises(ContactsNotChangeable):
            ask(contact, service, administrator=named)
    assert not Request.objects.exists()


def test_an_administrator_removes_no_owner(customer, contact, make_service):
    service = make_service(administrator=contact)
    for named in (contact.handle, contact.email):
        with pytest.raises(ContactsNotChangeable):
            ask(contact, service, owner=named)
        with pytest.raises(ContactsNotChangeable):
            ask(contact, service, technical=named, owner=named)
    assert holder(service, "owner") == customer.account.pk
    assert not Request.objects.exists(), "all or nothing"


def test_nobody_asks_about_anothers_service(stranger, make_service):
    mine, theirs = make_service(technical=stranger), make_service()
    for chosen in ([theirs], [mine, theirs]):
        with pytest.raises(ContactsNotChangeable):
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
        answering.refuse_by_token(secret=secret, act=Act.by_itself(timezone.now()))


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
    asking.ask(
        account_id=customer.account.pk,
        service_ids=[service.pk],
        named={"technical": contact.handle},
        act=Act.by_itself(now),
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


def test_the_newcomers_obstacle_is_told_to_the_newcomer_only(customer, contact, make_service):
    freeze(contact)
    (request,) = ask(customer, make_service(), technical=contact.handle)

    assert state(request) == "validatingByCustomers", "the asker sees no difference"
    with pytest.raises(Refused) as refused:
        accept(contact, request)
    assert refused.value.code == "obstacle.account_frozen"
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
