"""
Orders and their payments at random, beside a model that knows only the rules.

The model counts in cents and knows no table; what it says and what the product says are compared
after each step.
"""

import json
import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from nichandle.commerce.orders.delivery import answering, asking
from nichandle.commerce.orders.lifecycle import ending
from nichandle.commerce.orders.models import Order, OrderLine
from nichandle.commerce.orders.tests.goods import order, wanted
from nichandle.commerce.orders.withdrawal import declaring
from nichandle.commerce.orders.withdrawal.declaring import CannotWithdraw, Declaration
from nichandle.commerce.payments.models import Refund
from nichandle.commerce.payments.queries import of_cause
from nichandle.commerce.payments.tests.helpers import leave, receive, take_back
from nichandle.commerce.services.models import Service
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.origin import NOWHERE, Origin
from nichandle.platform.outbox.models import SECRETS, Mail
from tests.support.worker import work

GOODS = {
    "start": (4200, True),
    "vps": (1200, True),
    "domain-fr": (960, False),
}
"""What things cost with VAT, in cents, and whether a consumer may withdraw."""
STEPS = [
    "place",
    "pay",
    "pay",
    "pay_again",
    "cancel",
    "work",
    "work",
    "deliver",
    "bounce",
    "withdraw",
    "withdraw_outside",
    "contest",
    "effects",
    "leave",
    "expire",
    "time",
]
RUNNING = {"checking", "delivering", "delivered"}


@dataclass
class Model:
    """One order by the rules alone."""

    owed: int
    covered: int
    withdraw_all: bool
    due: object
    state: str = "notPaid"
    paid: int = 0
    back: int = 0
    promised: int = 0
    credit: int = 0
    until: object = None
    declared: object = None
    contested: bool = False
    sources: dict[str, int] = field(default_factory=dict)
    ended_services: bool = False

    @property
    def waits(self) -> bool:
        """Whether a withdrawal is declared whose effect can still be contested."""
        return self.declared not in {None, "done"}

    def pay(self, source: str, amount: int) -> None:
        if source in self.sources:
            return
        self.sources[source] = amount
        # What is delivered is still owed where its money was taken back.
        missing = self.owed - self.paid if self.state in {"notPaid", "delivered"} else 0
        part = min(missing, amount)
        self.paid += part
        self.credit += amount - part
        if part and self.paid == self.owed and self.state == "notPaid":
            self.state = "checking"

    def end(self) -> None:
        """Cancel what is not paid: what came in of it is credit."""
        self.credit += self.paid - self.promised
        self.paid = self.promised
        self.state = "cancelled"

    def bounce(self, amount: int) -> None:
        self.paid -= amount
        if self.state in {"checking", "delivering"}:
            self.state, self.until = "notPaid", None

    def give_back(self) -> None:
        self.ended_services = True
        amount = min(self.owed if self.withdraw_all else self.covered, self.paid - self.promised)
        self.promised += amount
        if self.withdraw_all:
            self.state = "cancelling" if amount else "cancelled"


def newest_secret() -> str:
    mail = Mail.objects.filter(template="orders/mail/withdrawn").latest("pk")
    return json.loads(tokens.unseal(mail.secrets, SECRETS))["contest"]


class Walk:
    """One customer, some orders, and chance."""

    def __init__(self, person, seed: int) -> None:
        self.person = person
        self.random = random.Random(seed)
        self.now = timezone.now()
        self.models: dict[str, Model] = {}
        self.count = 0
        self.secrets: dict[str, str] = {}

    @property
    def act(self) -> Act:
        return Act(NOWHERE, self.now)

    def step(self) -> str:
        name = self.random.choice(STEPS)
        getattr(self, name)()
        self._arrive()
        self.compare()
        return name

    def some(self) -> tuple[Order, Model] | None:
        if not self.models:
            return None
        number = self.random.choice(sorted(self.models))
        return Order.objects.get(number=number), self.models[number]

    def place(self) -> None:
        if len(self.models) == 4:
            return
        self.count += 1
        chosen = self.random.sample(sorted(GOODS), self.random.randint(1, 3))
        lines = [
            wanted(code, "" if code == "vps" else f"n{self.count}-{code}.fr") for code in chosen
        ]
        placed = order(self.person, *lines, act=self.act)
        covered = sum(GOODS[code][0] for code in chosen if GOODS[code][1])
        whole = all(GOODS[code][1] for code in chosen)
        self.models[placed.number] = Model(placed.gross_minor, covered, whole, placed.due_at)
        assert placed.gross_minor == sum(GOODS[code][0] for code in chosen)

    def pay(self) -> None:
        if found := self.some():
            placed, model = found
            whole = max(model.owed - model.paid, 1)
            amount = self.random.choice([whole, whole, whole, 1, whole + 500, model.owed])
            self.count += 1
            self._receive(placed, model, f"bank:{self.count}", amount)

    def pay_again(self) -> None:
        """A webhook, a line of a statement that is told once more."""
        if (found := self.some()) and found[1].sources:
            placed, model = found
            source = self.random.choice(sorted(model.sources))
            self._receive(placed, model, source, model.sources[source])

    def _receive(self, placed: Order, model: Model, source: str, amount: int) -> None:
        was = model.state
        receive(of_cause(placed.cause), amount, source)
        model.pay(source, amount)
        if was == "notPaid" and model.state == "checking":
            model.until = Order.objects.get(pk=placed.pk).withdrawable_until

    def cancel(self) -> None:
        if found := self.some():
            placed, model = found
            account_id = self.person.account.pk
            with suppress(ending.CannotCancel):
                ending.cancel(account_id=account_id, number=placed.number, act=self.act)
            if model.state == "notPaid":
                model.end()
                model.ended_services = True

    def work(self) -> None:
        work(self.now)
        for model in self.models.values():
            if model.state == "checking":
                model.state = "delivering"

    def deliver(self) -> None:
        asking.ask_due(now=self.now)
        if found := self.some():
            for line in OrderLine.objects.filter(order=found[0]):
                with suppress(answering.NothingToDeliver):
                    answering.done(line.key, act=self.act)

    def _arrive(self) -> None:
        for number, model in self.models.items():
            lines = OrderLine.objects.filter(order__number=number)
            if (
                model.state == "delivering"
                and not lines.exclude(delivery__in=("done", "stopped")).exists()
            ):
                model.state = "delivered"

    def bounce(self) -> None:
        if found := self.some():
            placed, model = found
            if model.state not in RUNNING or model.promised or model.paid != model.owed:
                return
            self.count += 1
            take_back(of_cause(placed.cause), model.paid, f"back:{self.count}")
            model.bounce(model.paid)

    def withdraw(self) -> None:
        if found := self.some():
            placed, model = found
            allowed = self._withdrawable(model) or model.declared is not None
            declared = model.declared is not None
            try:
                declaring.withdraw(
                    account_id=self.person.account.pk,
                    number=placed.number,
                    declaration=Declaration("Diane"),
                    act=self.act,
                )
            except CannotWithdraw:
                assert not allowed
                return
            assert allowed
            if not declared or model.declared != "done":
                self._effect(model)
            model.declared = "done"

    def withdraw_outside(self) -> None:
        if found := self.some():
            placed, model = found
            self.count += 1
            declaring.withdraw_by_address(
                number=placed.number,
                address=self.person.email,
                declaration=Declaration("Somebody"),
                act=Act(Origin(f"198.51.{self.count % 250}.1", ""), self.now),
            )
            known = model.declared is not None or model.contested
            if self._withdrawable(model) and not known:
                model.declared = self.now + declaring.CONTEST_FOR
                self.secrets[placed.number] = newest_secret()

    def contest(self) -> None:
        """The owner reads the mail, and says that it was somebody else."""
        waiting = [number for number, model in self.models.items() if model.waits]
        if not waiting:
            return
        number = self.random.choice(sorted(waiting))
        declaring.contest(self.secrets[number], act=self.act)
        self.models[number].declared, self.models[number].contested = None, True

    def effects(self) -> None:
        declaring.effect_due(now=self.now)
        for model in self.models.values():
            if model.waits and model.declared <= self.now:
                self._effect(model)
                model.declared = "done"

    def _effect(self, model: Model) -> None:
        if model.state == "notPaid":
            model.end()
            model.ended_services = True
        elif model.state in RUNNING:
            model.give_back()

    def _withdrawable(self, model: Model) -> bool:
        in_time = model.until is not None and self.now < model.until
        return model.state in RUNNING and in_time and model.covered > 0

    def leave(self) -> None:
        """Money that goes back leaves."""
        if found := self.some():
            placed, model = found
            owed = of_cause(placed.cause)
            for refund in Refund.objects.filter(receivable=owed, credit=False).exclude(
                state="done"
            ):
                leave(refund)
            model.back = model.promised
            if model.state == "cancelling":
                model.state = "cancelled"

    def expire(self) -> None:
        ending.expire_due(now=self.now)
        for model in self.models.values():
            if model.state == "notPaid" and model.due <= self.now:
                model.end()
                model.ended_services = True

    def time(self) -> None:
        self.now += timedelta(days=self.random.choice([0, 1, 3, 13, 31]), seconds=1)

    def compare(self) -> None:
        for number, model in self.models.items():
            placed = Order.objects.get(number=number)
            owed = of_cause(placed.cause)
            assert placed.state == model.state, (number, placed.state, model)
            sums = (owed.paid_minor, owed.refunding_minor, owed.refunded_minor, owed.credit_minor)
            assert sums == (model.paid, model.promised, model.back, model.credit), (number, model)
            assert placed.paid_back_minor == model.back
            self._compare_services(number, model)

    def _compare_services(self, number: str, model: Model) -> None:
        services = Service.objects.filter(
            pk__in=OrderLine.objects.filter(order__number=number).values("service")
        )
        if model.state in {"notPaid", "checking"} and not services.exists():
            return
        if model.state in {"cancelled", "cancelling"}:
            assert not services.exclude(state="terminated").exists(), number
        if model.state == "delivered":
            active = services.filter(state="active").count()
            expected = OrderLine.objects.filter(order__number=number)
            if model.ended_services:
                expected = expected.filter(withdrawable=False)
            assert active == expected.count(), number
