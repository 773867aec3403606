"""« Ce n’était pas moi »: what was asked waits for whose account was contested, nobody else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.commerce.contacts.errors import NotYoursToResume, RequestGone
from nichandle.commerce.contacts.models import Request
from nichandle.commerce.contacts.requests import answering
from nichandle.commerce.contacts.tests.helpers import (
    BROWSER,
    accept,
    acts,
    ask,
    holder,
    resend,
    state,
    token,
    words,
    work,
)
from nichandle.identity.notme.signals import disowned
from nichandle.platform.kernel.act import Act

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def disown(person, since):
    disowned.send(
        sender=Request,
        account_id=person.account.pk,
        since=since,
        act=Act.by_itself(timezone.now()),
    )


def resume(person, request):
    answering.go_on(
        account_id=person.account.pk, request_id=request.pk, act=Act(BROWSER, timezone.now())
    )


def page(person, request) -> str:
    return words(person.sign_in().get(f"/contacts/requests/{request.pk}"))


@pytest.fixture
def start():
    return timezone.now()


@pytest.fixture
def long_asked(customer, contact, make_service, start):
    """Ask, and let the asker confirm, two hours ago."""
    service = make_service()
    (request,) = ask(customer, service, technical=contact.handle, now=start - 2 * HOUR)
    accept(customer, request, token(customer.email, "confirm"), now=start - 2 * HOUR)
    return service, request


def test_the_other_side_lets_no_held_request_go_on(customer, contact, long_asked, start):
    service, request = long_asked
    disown(customer, start - HOUR)
    assert accept(contact, request).state == "doing"

    browser = contact.sign_in()
    shown = words(browser.get(f"/contacts/requests/{request.pk}"))
    assert "the other side's account" in shown.replace("&#x27;", "'")
    assert "It was me: go on" not in shown
    browser.post(f"/contacts/requests/{request.pk}/resume")
    with pytest.raises(NotYoursToResume):
        resume(contact, request)
    work()
    assert state(request) == "doing"
    assert holder(service, "technical") == customer.account.pk

    assert "It was me: go on" in page(customer, request)
    resume(customer, request)
    assert state(request) == "done"
    assert "contact.resumed" in acts(customer)
    assert "contact.resumed" in acts(contact), "both are told"
    with pytest.raises(RequestGone):
        resume(customer, request)


def test_held_for_both_it_waits_for_both(customer, contact, long_asked, start):
    _service, request = long_asked
    disown(customer, start - HOUR)
    accept(contact, request, now=start - 2 * HOUR)
    disown(contact, start - HOUR)

    resume(customer, request)
    assert state(request) == "doing"
    assert "It was me" not in page(customer, request)
    resume(contact, request)
    assert state(request) == "done"


def test_a_newcomers_yes_since_the_event_is_void(customer, contact, long_asked, start):
    service, request = long_asked
    disown(customer, start - HOUR)
    accept(contact, request)
    disown(contact, start - HOUR)

    assert state(request) == "validatingByCustomers"
    resume(customer, request)
    work()
    assert holder(service, "technical") == customer.account.pk
    assert "contact.answer_void" in acts(contact)
    assert "contact.answer_void" in acts(customer)
    accept(contact, request)
    assert state(request) == "done"


def test_a_confirmation_since_the_event_is_void_and_given_anew(
    customer, contact, make_service, start
):
    service = make_service()
    (request,) = ask(customer, service, administrator=contact.handle, now=start - 2 * HOUR)
    thiefs = token(customer.email, "confirm")
    accept(customer, request, thiefs)
    accept_later = token(contact.email, "asked")
    disown(customer, start - HOUR)

    resume(customer, request)
    assert accept(contact, request, accept_later).state == "validatingByCustomers"
    assert holder(service, "administrator") == customer.account.pk
    resend(customer, request)
    accept(customer, request, token(customer.email, "confirm"))
    assert holder(service, "administrator") == contact.account.pk


def test_whoever_has_said_nothing_has_nothing_held(customer, contact, long_asked, start):
    _service, request = long_asked
    disown(contact, start - HOUR)

    request.refresh_from_db()
    assert not request.held
    assert "held" not in page(customer, request), "nobody learns that there is a newcomer"
    assert "contact.held" not in acts(customer) + acts(contact)
