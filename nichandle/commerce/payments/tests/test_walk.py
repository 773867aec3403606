"""A random walk: whatever happens in whatever order, the sums are those of the movements."""

import random
from contextlib import suppress

import pytest
from django.db.models import Sum
from django.utils import timezone

from nichandle.commerce.payments import operations
from nichandle.commerce.payments.models import Movement, Refund
from nichandle.commerce.payments.tests.helpers import (
    again,
    euros,
    now_act,
    owe,
    receive,
    take_back,
    told,
)
from nichandle.platform.kernel.errors import Refused

pytestmark = pytest.mark.django_db

STEPS = 40


class Walk:
    """One receivable, and what a careful person with a pencil would have noted."""

    def __init__(self, customer, seed):
        self.random, self.owed = random.Random(seed), owe(customer, 10_000)
        self.came: dict[str, int] = {}
        self.taken: dict[str, int] = {}

    def step(self):
        getattr(self, self.random.choice(STEPS_POSSIBLE))()

    def units(self):
        return self.random.choice([1, 100, 3_000, 5_000, 10_000, 12_345])

    def comes(self):
        source = f"bank:{self.random.randrange(12)}"
        # A source that is told again says the same.
        units = self.came.setdefault(source, self.units())
        receive(self.owed, units, source)

    def is_taken_back(self):
        free = sum(self.came.values()) - sum(self.taken.values())
        source = f"dispute:{self.random.randrange(6)}"
        if source not in self.taken and free <= 0:
            return
        self.taken.setdefault(source, min(free, self.units()))
        take_back(self.owed, self.taken[source], source)

    def refund(self):
        amount = euros(self.units())
        operations.refund(self.owed.cause, amount, reason="", act=now_act())

    def credit_goes_back(self):
        operations.give_back_credit(self.owed.pk, act=now_act())

    def leaves(self):
        waiting = Refund.objects.filter(receivable=self.owed).order_by("?").first()
        if waiting:
            operations.confirm_refund(self.owed.pk, waiting.pk, act=now_act())

    def changes(self):
        operations.change_amount(self.owed.cause, euros(self.units()), now=timezone.now())

    def is_cancelled(self):
        if self.random.random() < 0.2:
            operations.cancel(self.owed.cause, now=timezone.now())


STEPS_POSSIBLE = [name for name in vars(Walk) if name not in {"step", "units"} and name[0] != "_"]


def moved(owed, *kinds, **which):
    rows = Movement.objects.filter(receivable=owed, kind__in=kinds, **which)
    return rows.aggregate(total=Sum("amount_minor"))["total"] or 0


def promised(owed, **which):
    rows = Refund.objects.filter(receivable=owed, **which)
    return rows.aggregate(total=Sum("amount_minor"))["total"] or 0


def check(walk):
    owed = again(walk.owed)
    assert owed.paid_minor == (
        moved(owed, "payment") - moved(owed, "chargeback") - moved(owed, "released")
    )
    assert owed.credit_minor == (
        moved(owed, "excess", "released")
        - moved(owed, "returned", source__startswith="dispute:")
        - promised(owed, credit=True)
    )
    assert owed.refunding_minor == promised(owed, credit=False)
    assert (
        owed.refunded_minor == moved(owed, "refund") == promised(owed, credit=False, state="done")
    )
    # Nothing that came is lost, and nothing is booked twice.
    assert moved(owed, "payment", "excess") == sum(walk.came.values())
    assert moved(owed, "chargeback", "loss") + moved(
        owed, "returned", source__startswith="dispute:"
    ) == sum(walk.taken.values())
    return owed


@pytest.mark.parametrize("seed", range(12))
def test_the_sums_are_those_of_the_movements(customer, seed):
    walk = Walk(customer, seed)
    with told() as heard:
        for _step in range(STEPS):
            with suppress(Refused):
                walk.step()
            walk.owed.refresh_from_db()
            check(walk)

    named = [name for name, _cause in heard if name != "refunded"]
    # Settled and unsettled take turns, so nothing is delivered twice.
    assert named == [("settled", "unsettled")[turn % 2] for turn in range(len(named))]
    done = Refund.objects.filter(receivable=walk.owed, state="done", credit=False).count()
    assert [name for name, _cause in heard].count("refunded") == done
