"""Requests are locked before ledgers: acts that meet wait for each other, never in a ring."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial

import pytest
from django.db import connection
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
from nichandle.platform.kernel.database import is_postgresql
from tests.support.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_SECONDS = 20
WAITING = """
    SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE NOT granted AND datname = current_database()
"""


class Meeting:
    """
    The first to write ledgers holds its other locks until another act waits for one of them.

    Or until that act is done, where it needs none.
    """

    def __init__(self, write: Callable[..., None]) -> None:
        self.write = write
        self.holds, self.begun, self.done = (threading.Event() for _ in range(3))
        self.met = False

    def hold(self, book: Book, *, now: datetime) -> None:
        if threading.current_thread() is not threading.main_thread() and not self.holds.is_set():
            self.holds.set()
            assert self.begun.wait(PATIENCE_SECONDS)
            self.met = self._meet()
        self.write(book, now=now)

    def after(self, act: Callable[[], object]) -> object:
        assert self.holds.wait(PATIENCE_SECONDS)
        self.begun.set()
        try:
            return act()
        finally:
            self.done.set()

    def _meet(self) -> bool:
        if not is_postgresql():
            # Who waits for SQLite's one lock cannot be seen.
            self.done.wait(0.3)
            return True
        end = time.monotonic() + PATIENCE_SECONDS
        with connection.cursor() as cursor:
            while time.monotonic() < end:
                cursor.execute(WAITING)
                if cursor.fetchone() or self.done.wait(0.01):
                    return True
        return False


@pytest.fixture
def meeting(monkeypatch) -> Meeting:
    found = Meeting(Book.write)
    monkeypatch.setattr(Book, "write", lambda book, *, now: found.hold(book, now=now))
    return found


def test_a_refusal_and_it_was_not_me_end_both(customer, contact, make_service, meeting):
    (request,) = ask(customer, make_service(), technical=contact.handle)
    moment = timezone.now()
    secret = mint(
        account_id=customer.account.pk, event="contact.asked", address=customer.email, now=moment
    )
    disowning = partial(disown, secret=secret, act=Act.by_itself(moment))

    at_once(partial(refuse, contact, request), partial(meeting.after, disowning))

    assert meeting.met
    assert state(request) == "refused"


def test_a_dispute_and_another_hand_over_between_the_same_people_end_both(
    customer, contact, stranger, make_service, meeting
):
    # Whose ledger comes last in the order of keys disputes: its case must not lock it first.
    first, last = sorted([customer, contact], key=lambda one: one.account.pk)
    lost, other = (make_service(owner=stranger, administrator=last, technical=last) for _ in "ab")
    (done,) = ask(stranger, lost, administrator=first.handle)
    both(stranger, first, done)
    link = token(last.email, "done")
    (request,) = ask(last, other, technical=first.handle)
    accept(last, request, token(last.email, "confirm"))
    disputing = partial(operations.dispute, secret=link, act=Act.by_itself(timezone.now()))

    at_once(disputing, partial(meeting.after, partial(accept, first, request)))

    assert meeting.met
    lost.refresh_from_db()
    assert lost.contacts_frozen_at is not None
    assert state(request) == "done"


@pytest.mark.parametrize("signal", [disowned, effected])
def test_this_room_is_told_first_of_all(signal):
    told, _async = signal._live_receivers(Case)

    assert len(told) > 2
    assert told[0].__module__ == "nichandle.commerce.contacts.receivers"
