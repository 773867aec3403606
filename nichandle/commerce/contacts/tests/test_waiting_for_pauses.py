"""A pause keeps a hand-over waiting, and nobody from answering in time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.commerce.contacts import clock
from nichandle.commerce.contacts.models import Request
from nichandle.commerce.contacts.requests import answering
from nichandle.commerce.contacts.tests.helpers import (
    accept,
    ask,
    holder,
    pause,
    state,
    token,
    words,
    work,
)
from nichandle.identity.pauses import operations as pauses
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def now():
    return timezone.now()


def test_a_paused_newcomers_yes_is_taken_and_waits_for_the_end(
    customer, contact, make_service, now
):
    service = make_service()
    pause(contact, now)
    (request,) = ask(customer, service, administrator=contact.handle, now=now)
    accept(customer, request, token(customer.email, "confirm"), now=now)

    assert accept(contact, request, now=now + HOUR).state == "doing"
    assert holder(service, "administrator") == customer.account.pk
    work(now + 71 * HOUR)
    assert state(request) == "doing"
    work(now + 73 * HOUR)
    assert state(request) == "done"
    assert holder(service, "administrator") == contact.account.pk


def test_the_page_says_to_the_paused_one_until_when_it_waits(customer, contact, make_service):
    pause(contact)
    (request,) = ask(customer, make_service(), administrator=contact.handle)
    browser = contact.sign_in()
    place = f"/contacts/requests/{request.pk}"
    assert browser.post(f"{place}/accept", {"terms": "on"}).status_code == 302

    assert "This has to wait until" in words(browser.get(place))
    assert "This has to wait until" not in words(customer.sign_in().get(place))
    assert Request.objects.get().sides.get(who="newcomer").accepted_at is not None


def test_the_seven_days_stand_still_while_who_said_yes_is_paused(
    customer, contact, make_service, now
):
    service = make_service()
    pause(contact, now)
    (request,) = ask(customer, service, technical=contact.handle, now=now)
    accept(contact, request, now=now + DAY)
    late = now + 9 * DAY - HOUR
    work(late)
    assert state(request) == "validatingByCustomers", (
        "two of the three days of the pause stood still"
    )
    work(late + HOUR + timedelta(seconds=1))
    assert state(request) == "expired"
    assert holder(service, "technical") == customer.account.pk


def test_the_seven_days_stand_still_while_the_asker_is_paused(customer, contact, make_service, now):
    (request,) = ask(customer, make_service(), technical=contact.handle, now=now)
    secret = token(customer.email, "confirm")
    accept(contact, request, now=now)
    pause(customer, now + DAY)
    with pytest.raises(pauses.Paused):
        accept(customer, request, secret, now=now + 2 * DAY)
    work(now + 8 * DAY)

    assert clock.answer_until(Request.objects.get()) == request.expires_at + 3 * DAY
    assert accept(customer, request, secret, now=now + 10 * DAY - HOUR).state == "done"


def test_the_asker_does_not_learn_from_the_clock_that_a_paused_newcomer_exists(
    customer, contact, make_service, now
):
    pause(contact, now)
    known = ask(customer, make_service(), technical=contact.handle, now=now)
    unknown = ask(customer, make_service(), technical="zz999999-OVH", now=now)
    work(now + 7 * DAY)

    assert [state(one) for one in (*known, *unknown)] == ["expired", "expired"]


def test_somebody_elses_pause_does_not_stop_the_clock(
    customer, contact, stranger, make_service, now
):
    pause(stranger, now)
    (request,) = ask(customer, make_service(), technical=contact.handle, now=now)
    work(now + 7 * DAY)

    assert state(request) == "expired"


def test_a_pause_that_was_lifted_stops_the_clock_until_then_alone(
    customer, contact, make_service, now
):
    (request,) = ask(customer, make_service(), technical=contact.handle, now=now)
    pause(customer, now)
    pauses.lift(account_id=customer.account.pk, act=Act.by_itself(now + 5 * HOUR))
    work(now + 7 * DAY + 5 * HOUR - timedelta(minutes=2))
    assert state(request) == "validatingByCustomers"
    work(now + 7 * DAY + 5 * HOUR)
    assert state(request) == "expired"


def test_pauses_that_overlap_count_once(now):
    end = now + 7 * DAY
    times = [(now, now + 2 * DAY), (now + DAY, now + 3 * DAY), (now + 20 * DAY, now + 30 * DAY)]

    assert clock.put_off(end, times) == end + 3 * DAY
    assert clock.put_off(end, []) == end


def test_a_mail_held_back_by_a_long_pause_still_leaves(customer, contact, make_service, now):
    (request,) = ask(customer, make_service(), technical=contact.handle, now=now, confirmed=False)
    assert request.state == "todo"
    pause(customer, now, cause="case_effect")
    Request.objects.update(state="checkValidity", confirmed_at=now)
    work(now + 7 * DAY + HOUR)

    assert state(request) == "validatingByCustomers"
    assert accept(customer, request, token(customer.email, "confirm"), now=now + 8 * DAY)


def test_an_accepted_request_waits_thirty_days_and_no_longer(customer, contact, make_service, now):
    service = make_service()
    (request,) = ask(customer, service, technical=contact.handle, now=now)
    accept(contact, request, now=now)
    pauses.begin(
        account_id=contact.account.pk,
        cause="change_undone",
        until=now + 90 * DAY,
        act=Act.by_itself(now),
    )
    accept(customer, request, token(customer.email, "confirm"), now=now)
    work(now + 30 * DAY - timedelta(seconds=1))
    assert state(request) == "doing"
    work(now + 30 * DAY + timedelta(minutes=1))
    assert state(request) == "error"
    request.refresh_from_db()
    assert request.reason == "waited"


def test_a_mails_link_replaced_while_its_page_was_open_refuses_nothing(
    customer, contact, make_service, monkeypatch
):
    """The row is read once more under its lock: what was sent again meanwhile is void."""
    (request,) = ask(customer, make_service(), technical=contact.handle)
    old = token(contact.email, "asked")
    reading = answering.side_of

    def replaced_meanwhile(secret):
        found = reading(secret)
        found.request.sides.filter(pk=found.pk).update(digest="another")
        return found

    monkeypatch.setattr(answering, "side_of", replaced_meanwhile)
    with pytest.raises(Refused) as refused:
        answering.refuse_by_token(secret=old, act=Act.by_itself(timezone.now()))

    assert refused.value.code == "contact.token_not_valid"
    assert state(request) == "validatingByCustomers"
