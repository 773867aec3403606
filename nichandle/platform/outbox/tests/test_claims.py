"""Who sends a mail: workers that are killed, slow, or two."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from nichandle.platform.outbox import (
    delivery,
    operations,
)
from nichandle.platform.outbox.models import Mail
from nichandle.platform.outbox.tests.sending import deliver

pytestmark = pytest.mark.django_db


def test_a_killed_worker_repeats_the_one_in_flight_with_the_same_message_id(write, smtp, now):
    write()
    (taken,) = operations.claim(limit=10, now=now)
    # Killed here: the server may have it or not, so it leaves again.
    assert deliver(now + operations.CLAIM - timedelta(seconds=1)) == 0
    assert deliver(now + operations.CLAIM) == 1

    assert [message["Message-ID"] for message in smtp.taken] == [taken.message_id]


def test_a_worker_that_is_slow_renews_its_claim(write, smtp, now, monkeypatch):
    monkeypatch.setattr(operations, "CLAIM_USED", timedelta(seconds=-1))
    mails = [write(f"n{number}@example.org") for number in range(3)]
    times = iter(now + timedelta(minutes=minutes) for minutes in range(100))
    batch = delivery.Batch(
        operations.claim(limit=9, now=now), delivery.line.open(now), lambda: next(times)
    )
    Mail.objects.filter(pk=mails[1].pk).update(attempts=2)  # taken by somebody else meanwhile
    batch.send()

    assert smtp.recipients == ["n0@example.org", "n2@example.org"]
    mails[1].refresh_from_db()
    assert (mails[1].state, mails[1].lease_until) == ("sending", now + operations.CLAIM)


def test_a_claim_that_was_lost_cannot_be_renewed(write, now):
    write()
    slow = operations.claim(limit=10, now=now)
    assert operations.renew(slow, now=now) == {slow[0].pk}
    operations.claim(limit=10, now=now + operations.CLAIM)

    assert operations.renew(slow, now=now + operations.CLAIM) == set()


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_nothing_twice(write, now, post):
    for number in range(40):
        write(f"n{number}@example.org")
    sent: list[str] = []

    class Sink(type(post)):
        def send(self, message, meanwhile) -> None:
            sent.append(message.recipient)
            meanwhile()

    def work(_number: int) -> None:
        try:
            while taken := operations.claim(limit=7, now=now):
                for mail in taken:
                    delivery.deliver_one(mail, Sink(), clock=lambda: now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    assert sorted(sent) == sorted(f"n{number}@example.org" for number in range(40))
