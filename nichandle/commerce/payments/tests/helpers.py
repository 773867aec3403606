"""What the tests of this room share: something owed, money that comes in, what was told."""

from contextlib import contextmanager
from datetime import date
from itertools import count

from django.db import transaction
from django.utils import timezone

from nichandle.commerce.payments import operations, signals
from nichandle.commerce.payments.book import booking, refunds, taking
from nichandle.commerce.payments.book.booking import Source
from nichandle.commerce.payments.models import Receivable
from nichandle.platform.jobs import operations as jobs
from nichandle.platform.jobs import registry
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.money import Money

_numbers = count(1)


def now_act():
    return Act.by_itself(timezone.now())


def euros(cents):
    return Money.of_minor(cents, "EUR")


def owe(person, cents=12000, *, cause="", currency="EUR"):
    """Let somebody owe an amount, for a cause of its own."""
    number = next(_numbers)
    return operations.ask(
        account_id=person.account.pk,
        handle=person.handle,
        cause=cause or f"order:C{number:08}",
        amount=Money.of_minor(cents, currency),
        title=f"Order C{number:08}",
        due_date=date(2026, 12, 31),
        now=timezone.now(),
    )


@transaction.atomic
def receive(owed, cents, source="bank:1", means="transfer", currency="EUR"):
    amount = Money.of_minor(cents, currency)
    booking.receive(booking.lock(owed.cause), amount, Source(means, source), act=now_act())
    owed.refresh_from_db()


@transaction.atomic
def take_back(owed, cents, source="bank:back", means="transfer"):
    source = Source(means, source)
    taking.take_back(booking.lock(owed.cause), euros(cents), source, act=now_act())
    owed.refresh_from_db()


@transaction.atomic
def give_again(owed, cents, source, means="test"):
    """Let a dispute be won; return what is promised anew."""
    source = Source(means, source)
    held = taking.give_again(booking.lock(owed.cause), euros(cents), source, act=now_act())
    owed.refresh_from_db()
    return held


@transaction.atomic
def refuse(refund):
    """Let a provider refuse to send a refund."""
    owed = booking.lock_by_id(refund.receivable_id)
    taking.refuse(owed, refund.pk, "refused", act=now_act())


@transaction.atomic
def leave(refund):
    """Let the money of a refund leave."""
    refunds.complete(booking.lock_by_id(refund.receivable_id), refund.pk, act=now_act())


@transaction.atomic
def come_back(refund):
    """Let a provider say that a refund which had left did not arrive."""
    owed = booking.lock_by_id(refund.receivable_id)
    taking.come_back(owed, refund.pk, "lost_or_stolen_card", act=now_act())


def again(owed):
    return Receivable.objects.get(pk=owed.pk)


def moved(owed):
    """Return the movements of a receivable, as kind and smallest units."""
    return list(owed.movements.order_by("pk").values_list("kind", "amount_minor"))


@contextmanager
def told():
    """Note what the room tells while this lasts."""
    heard = []

    def hear(name):
        def receiver(cause, **_signal):
            heard.append((name, cause))

        return receiver

    ears = {name: hear(name) for name in ("settled", "unsettled", "refunded")}
    for name, ear in ears.items():
        getattr(signals, name).connect(ear)
    try:
        yield heard
    finally:
        for name, ear in ears.items():
            getattr(signals, name).disconnect(ear)


def work(now=None):
    """Do what the worker does for this room."""
    moment = now or timezone.now()
    while job := jobs.claim(worker="test", now=moment):
        if job.name in registry.TASKS:
            registry.TASKS[job.name](job.payload, now=moment)
        jobs.finish(job)
