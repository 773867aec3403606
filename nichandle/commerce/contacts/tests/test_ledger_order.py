"""Requests are locked before ledgers: acts that meet wait for each other, never in a ring."""

import threading
import time
from functools import partial

import pytest
from django.utils import timezone

from nichandle.commerce.contacts.disputes import operations
from nichandle.commerce.contacts.lifecycle.book import Book
from nichandle.commerce.contacts.tests.helpers import (
    accept,
    ask,
    both,
    refuse,
    state,
    token,
)
from nichandle.identity.cases.models import Case
from nichandle.identity.cases.signals import effected
from nichandle.identity.notme.operations import mint
from nichandle.identity.notme.signals import disowned
from nichandle.identity.recovery.not_me import disown
from nichandle.platform.kernel.act import Act
from tests.support.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def slow_ledger(monkeypatch):
    """Let the first to write ledgers hold its other locks for a while, so that others meet it."""
    write, slept = Book.write, []

    def slowly(self, *, now):
        if threading.current_thread() is not threading.main_thread() and not slept:
            slept.append(True)
            time.sleep(0.6)
        write(self, now=now)

    monkeypatch.setattr(Book, "write", slowly)


def after(seconds, act):
    time.sleep(seconds)
    return act()


@pytest.mark.usefixtures("slow_ledger")
def test_a_refusal_and_it_was_not_me_end_both(customer, contact, make_service):
    (request,) = ask(customer, make_service(), technical=contact.handle)
    moment = timezone.now()
    secret = mint(
        account_id=customer.account.pk, event="contact.asked", address=customer.email, now=moment
    )
    disowning = partial(disown, secret=secret, act=Act.by_itself(moment))

    at_once(partial(refuse, contact, request), partial(after, 0.15, disowning))

    assert state(request) == "refused"


@pytest.mark.usefixtures("slow_ledger")
def test_a_dispute_and_another_hand_over_between_the_same_people_end_both(
    customer, contact, make_service
):
    # Whose ledger comes last in the order of keys disputes: its case must not lock it first.
    first, last = sorted([customer, contact], key=lambda one: one.account.pk)
    lost, other = (make_service(owner=last, administrator=last, technical=last) for _ in "ab")
    (done,) = ask(last, lost, administrator=first.handle)
    both(last, first, done)
    link = token(last.email, "done")
    (request,) = ask(last, other, technical=first.handle)
    accept(last, request, token(last.email, "confirm"))
    disputing = partial(operations.dispute, secret=link, act=Act.by_itself(timezone.now()))

    at_once(disputing, partial(after, 0.25, partial(accept, first, request)))

    lost.refresh_from_db()
    assert lost.contacts_frozen_at is not None
    assert state(request) == "done"


@pytest.mark.parametrize("signal", [disowned, effected])
def test_this_room_is_told_first_of_all(signal):
    told, _async = signal._live_receivers(Case)

    assert len(told) > 2
    assert told[0].__module__ == "nichandle.commerce.contacts.receivers"
