"""Reviewers, and a case on its way: what tests share that come across one."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.cases import filing
from nichandle.identity.cases.models import Case, Notice
from nichandle.identity.cases.papers import judging
from nichandle.identity.cases.review import effect, objections, reviewing
from nichandle.identity.recovery.procedure import operations as procedure
from nichandle.identity.staff.models import StaffMember
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel import addresses, tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.outbox.models import SECRETS, Mail
from tests.support.post import deliver, waiting_code
from tests.support.worker import work

NEW = "diane.new@example.net"
ITEMS = ("identity", "address_proof")
KNOWN = "Recognised by what they said of their invoices."
ORIGIN = Origin("198.51.100.9", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Firefox/145.0")


def make_reviewer(name: str) -> StaffMember:
    email = f"{name.lower()}@provider.example"
    return StaffMember.objects.create(
        name=name, email=email, email_key=addresses.key(email), created_at=timezone.now()
    )


class World:
    """A case about a customer, the reviewers, and a clock that can be moved."""

    def __init__(self, customer: Any, clock: Any, reviewers: list[StaffMember]) -> None:
        self.customer, self.clock, self.reviewers = customer, clock, reviewers
        self.secret, self.number = "", ""

    @property
    def now(self) -> datetime:
        return timezone.now()

    @property
    def case(self) -> Case:
        return Case.objects.get(number=self.number)

    def file(self, kind: str = "address_lost", typed: str | None = None, address: str = NEW) -> str:
        self.secret = filing.begin(
            kind=kind,
            typed=typed or self.customer.handle,
            address=address,
            language="en",
            act=Act(ORIGIN, self.now),
        )
        code = waiting_code("cases/mail/code", address)
        filing.prove(secret=self.secret, code=code, act=Act(ORIGIN, self.now))
        filing.describe(secret=self.secret, holder="individual", words="I moved.", now=self.now)
        return self.secret

    def open(self, kind: str = "address_lost", **more: Any) -> Case:
        self.file(kind, **more)
        procedure.send(secret=self.secret, act=Act(ORIGIN, self.now))
        work()
        self.number = Case.objects.latest("pk").number
        return self.case

    def approve(self, which: int, method: str = "", number: str | None = None) -> None:
        values = {"number": number or self.number, "reviewer_id": self.reviewers[which].pk}
        reviewing.take(**values, now=self.now)
        reviewing.approve(**values, ticks=(), method=method, words=KNOWN, now=self.now)

    def approved(self, kind: str = "address_lost") -> Case:
        self.open(kind)
        deliver()
        self.approve(0)
        self.approve(1)
        deliver()
        return self.case

    def notice(self, address: str | None = None) -> str:
        """Return the secret in the newest notice to an address, read before it leaves."""
        mails = Mail.objects.filter(
            recipient=address or self.customer.email, template__startswith="cases/mail/"
        ).exclude(secrets=None)
        for mail in mails.order_by("-pk"):
            found = json.loads(tokens.unseal(mail.secrets, SECRETS)).get("notice")
            if found:
                return str(found)
        raise AssertionError("no notice holds a link")

    def later(self, **more: float) -> int:
        """Move the clock, and let the worker do what is due."""
        self.clock.shift(timedelta(**more))
        work()
        return effect.apply_due(now=self.now)

    def settled(self) -> bool:
        return not Notice.objects.filter(case=self.case, settled_at=None).exists()


def judge() -> int:
    """Let the worker look at the papers that wait; returns how many it looked at."""
    done = 0
    while judging.judge_next(now=timezone.now(), clock=timezone.now):
        done += 1
    return done


def told(template: str) -> set[str]:
    mails = Mail.objects.filter(template=f"cases/mail/{template}")
    return set(mails.values_list("recipient", flat=True))


def acts(account: Account) -> list[str]:
    return [entry.act for entry in ledger.all_entries(account.pk)]


def address_of(account: Account) -> str:
    return Account.objects.get(pk=account.pk).email


def object_by_link(world: World, secret: str) -> None:
    objections.object_by_link(secret=secret, words="No!", act=Act(ORIGIN, world.now))


def confirm(world: World, secret: str) -> None:
    objections.confirm(secret=secret, act=Act(ORIGIN, world.now))


@pytest.fixture
def world(customer: Any, now: datetime) -> Any:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield World(
            customer, clock, [make_reviewer(name) for name in ("Claire", "Karim", "Ida", "Omar")]
        )


@pytest.fixture
def add_recovery(customer: Any) -> Callable[..., str]:
    def add(address: str, *, days: int = 30) -> str:
        at = timezone.now() - timedelta(days=days)
        customer.account.recovery_addresses.create(
            address=address, address_key=addresses.key(address), added_at=at, proven_at=at
        )
        return address

    return add
