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
    come_back,
    euros,
    give_again,
    leave,
    now_act,
    owe,
    receive,
    refuse,
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
        self.given: dict[str, int] = {}

    def step(self):
        getattr(self, self.random.choice(STEPS_POSSIBLE))()

    def units(self):
        return self.random.choice([1, 100, 3_000, 5_000, 10_000, 12_345])

    def comes(self):
        through = self.random.choice(["transfer", "test"])
        source = f"{'bank' if through == 'transfer' else through}:{self.random.randrange(6)}"
        # A source that is told again says the same.
        units = self.came.setdefault(source, self.units())
        receive(self.owed, units, source, through)

    def is_taken_back(self):
        through = self.random.choice(["bank", *CARDS])
        source = f"{through}:taken:{self.random.randrange(3)}"
        free = self.here(through)
        if source not in self.taken and free <= 0:
            return
        self.taken.setdefault(source, min(free, self.units()))
        means = "transfer" if through == "bank" else "test"
        take_back(self.owed, self.taken[source], source, means)

    def is_given_again(self):
        disputes = sorted(source for source in self.taken if source.startswith("test"))
        if disputes:
            dispute = self.random.choice(disputes)
            source = dispute.replace("taken", "again")
            self.given[source] = self.taken[dispute]
            give_again(self.owed, self.taken[dispute], source)

    def refund(self):
        amount = euros(self.units())
        operations.refund(self.owed.cause, amount, reason="", act=now_act())

    def credit_goes_back(self):
        operations.give_back_credit(self.owed.pk, act=now_act())

    def is_asked_of_the_provider(self):
        if refund := self.some("by_hand", movement__means="test"):
            Refund.objects.filter(pk=refund.pk).update(state="waiting")

    def is_refused(self):
        if refund := self.some("waiting"):
            refuse(refund)

    def leaves(self):
        if refund := self.some("waiting", "by_hand", "done", "void"):
            leave(refund)

    def comes_back(self):
        if refund := self.some("done", movement__means="test"):
            Refund.objects.filter(pk=refund.pk).update(provider_ref=f"re_{refund.pk}")
            come_back(refund)

    def changes(self):
        operations.change_amount(self.owed.cause, euros(self.units()), now=timezone.now())

    def is_cancelled(self):
        if self.random.random() < 0.2:
            operations.cancel(self.owed.cause, now=timezone.now())

    def some(self, *states, **which):
        rows = Refund.objects.filter(receivable=self.owed, state__in=states, **which)
        return self.random.choice(list(rows.order_by("pk")) or [None])

    def here(self, through):
        """Return how much of what came through this has not been taken back."""
        came, taken, given = (
            sum(units for source, units in noted.items() if source.startswith(through))
            for noted in (self.came, self.taken, self.given)
        )
        return came - taken + given


CARDS = [f"test:{number}" for number in range(6)]
STEPS_POSSIBLE = [
    "comes",
    "is_taken_back",
    "is_given_again",
    "refund",
    "credit_goes_back",
    "is_asked_of_the_provider",
    "is_refused",
    "leaves",
    "comes_back",
    "changes",
    "is_cancelled",
]


def moved(owed, *kinds, **which):
    rows = Movement.objects.filter(receivable=owed, kind__in=kinds, **which)
    return rows.aggregate(total=Sum("amount_minor"))["total"] or 0


def promised(owed, *states, **which):
    rows = Refund.objects.filter(receivable=owed, state__in=states or STILL, **which)
    return rows.aggregate(total=Sum("amount_minor"))["total"] or 0


STILL = ("waiting", "by_hand", "done")


def check(walk):
    owed = again(walk.owed)
    left = moved(owed, "refund", "returned") - moved(owed, "unsent")
    credit_taken = left - promised(owed, "done")
    assert owed.paid_minor == (
        moved(owed, "payment") - moved(owed, "chargeback") - moved(owed, "released")
    )
    assert owed.credit_minor == (
        moved(owed, "excess", "released") - credit_taken - promised(owed, credit=True)
    )
    assert owed.refunding_minor == promised(owed, credit=False)
    assert owed.refunded_minor == promised(owed, "done", credit=False)
    # Nothing that came is lost, and nothing is booked twice.
    made_good = moved(owed, "regained", source__startswith="test:")
    came = sum(walk.came.values()) + sum(walk.given.values())
    assert moved(owed, "payment", "excess") + made_good == came
    lost = moved(owed, "loss") - moved(owed, "regained") + made_good
    assert moved(owed, "chargeback") + credit_taken + lost == sum(walk.taken.values())
    for card in CARDS:
        check_card(walk, owed, card)
    return owed


def check_card(walk, owed, card):
    """People send no money that its customer has, and what is given again is promised again."""
    of_card = {"movement__source__startswith": card}
    gone = promised(owed, "waiting", "done", **of_card)
    assert promised(owed, "by_hand", **of_card) <= max(0, walk.here(card) - gone)
    away = sum(units for source, units in walk.taken.items() if source.startswith(card))
    back = sum(units for source, units in walk.given.items() if source.startswith(card))
    if not moved(owed, "loss"):
        assert promised(owed, "void", **of_card) <= away - back


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
    left = Movement.objects.filter(receivable=walk.owed, kind="refund").count()
    assert [name for name, _cause in heard].count("refunded") == left
