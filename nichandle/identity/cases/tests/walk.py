"""
A random walk of the case machine beside a model of it.

The model knows no rows and no code of the product: it keeps the times at which things happened and
reckons from the rules alone which cases are open and what the address must be. Short in the suite,
thousands of steps in ``bench/case-walk``.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from nichandle.identity.accounts.models import Account, RecoveryAddress
from nichandle.identity.cases import filing
from nichandle.identity.cases.models import Case, Notice
from nichandle.identity.cases.review import effect, objections, places, reviewing
from nichandle.identity.recovery.procedure import operations as procedure
from nichandle.identity.staff import people
from nichandle.identity.staff.models import StaffMember
from nichandle.platform.kernel import addresses, tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.limits.models import Allowance
from nichandle.platform.outbox import operations as outbox
from nichandle.platform.outbox.models import SECRETS, Mail
from tests.support.cases import KNOWN
from tests.support.people import Person
from tests.support.post import waiting_code
from tests.support.worker import work

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KINDS = ("address_lost", "factor_lost", "both_lost")
RUNNING = {"open", "approved"}


@dataclass
class Link:
    """The link of one notice, and what became of that mail."""

    secret: str
    case: "Modelled"
    round: int
    address: str
    primary: bool
    live: bool = True
    settled_at: datetime | None = None


@dataclass
class Part:
    """A reviewer's part in a case."""

    acted_at: datetime
    approved: bool = False
    left: bool = False
    again: bool = False

    def holds(self, now: datetime) -> bool:
        return self.approved or not (self.left or working_hours(self.acted_at, now) >= 72)


def working_hours(since: datetime, until: datetime) -> int:
    """Count the hours of Monday to Friday between two whole ones."""
    hours = range(int((until - since) / HOUR))
    return sum((since + hour * HOUR).weekday() < 5 for hour in hours)


@dataclass
class Modelled:
    """What the model remembers of one case."""

    number: str
    kind: str
    new: str
    secret: str
    opened_at: datetime
    state: str = "open"
    reviews: dict[int, Part] = field(default_factory=dict)
    objectors: set[str] = field(default_factory=set)
    contested: bool = False
    confirmed: bool = False
    decided_at: datetime | None = None
    round: int = 0
    links: list[Link] = field(default_factory=list)

    @property
    def needed(self) -> int:
        return 3 if self.contested else 2

    @property
    def approvals(self) -> int:
        return sum(part.approved for part in self.reviews.values())

    def delivered(self, number: int) -> datetime | None:
        times = [link.settled_at for link in self.links if link.round == number]
        return None if None in times else max(time for time in times if time is not None)

    def due_at(self) -> datetime | None:
        if self.state != "approved":
            return None
        if self.kind == "address_lost" and self.confirmed and not self.objectors:
            return self.decided_at
        last = self.delivered(self.round)
        if last is None:
            return None
        if not self.contested:
            return last + 72 * HOUR
        times = [self.delivered(number) for number in range(1, self.round + 1)]
        first = min(time for time in times if time is not None)
        return max(last + 72 * HOUR, first + 10 * DAY)


class Walk:
    """One account, five reviewers, and a clock of its own."""

    def __init__(self, person: Person, seed: int, now: datetime) -> None:
        # Working days are counted by whole hours here.
        now = now.replace(minute=0, second=0, microsecond=0)
        self.person, self.now, self.random = person, now, random.Random(seed)
        self.seed, self.numbers = seed, count(1)
        self.address, self.proven_at = person.email, now - 90 * DAY
        self.known = [person.email, f"spare{seed}@example.org"]
        self.cases: list[Modelled] = []
        self.effects = 0
        self.told_at: datetime | None = None
        Account.objects.filter(pk=person.account.pk).update(email_proven_at=self.proven_at)
        RecoveryAddress.objects.create(
            account=person.account,
            address=self.known[1],
            address_key=addresses.key(self.known[1]),
            added_at=now - 90 * DAY,
            proven_at=now - 90 * DAY,
        )
        self.dismissed: list[int] = []
        self.reviewers = [self._reviewer(number) for number in range(5)]

    def step(self) -> str:
        """Do one thing, in the product and in the model, and compare."""
        acts: list[tuple[Callable[[], None], int]] = [
            (self.open, 2),
            (self.take, 5),
            (self.leave, 1),
            (self.dismiss, 1),
            (self.approve, 9),
            (self.refuse, 1),
            (self.contest, 1),
            (self.inform, 1),
            (self.confirm, 2),
            (self.withdraw, 1),
            (self.deliver, 6),
            (self.wait, 5),
        ]
        (act,) = self.random.choices([one for one, _ in acts], [weight for _, weight in acts])
        act()
        self.compare()
        return act.__name__

    # What can happen.

    def open(self) -> None:
        if len([case for case in self.cases if case.state in RUNNING]) >= 3:
            return
        Allowance.objects.all().delete()
        kind = self.random.choice(KINDS)
        new = f"new{self.seed}.{next(self.numbers)}@example.net"
        world = {"act": Act.by_itself(self.now)}
        secret = filing.begin(
            kind=kind, typed=self.person.handle, address=new, language="en", **world
        )
        filing.prove(secret=secret, code=waiting_code("cases/mail/code", new), **world)
        filing.describe(secret=secret, holder="individual", words="", now=self.now)
        procedure.send(secret=secret, **world)
        work(self.now)
        number = Case.objects.latest("pk").number
        case = Modelled(number, kind, new, secret, self.now)
        self.cases.append(case)
        # Of several within a day the first is told; decisions are always.
        if self.told_at is None or self.now - self.told_at >= DAY:
            self.told_at = self.now
            self._expect_notices(case)

    def take(self) -> None:
        case, who = self._case(), self.random.randrange(5)
        if case is None:
            return
        working = {one: part for one, part in case.reviews.items() if part.holds(self.now)}
        mine = case.reviews.get(who)
        keeping = [part for part in working.values() if mine or part.approved or not part.again]
        able = case.state == "open" and who not in self.dismissed
        able = able and (who in working or len(keeping) < case.needed)
        if (
            self._done(
                reviewing.take, able, number=case.number, reviewer_id=self._id(who), now=self.now
            )
            and who not in working
        ):
            case.reviews[who] = Part(self.now, again=mine is not None)

    def leave(self) -> None:
        case, who = self._case(), self.random.randrange(5)
        if case is None:
            return
        part = self._part(case, who)
        able = part is not None and not part.approved and who not in self.dismissed
        if self._done(
            reviewing.give_back, able, number=case.number, reviewer_id=self._id(who), now=self.now
        ):
            part.left = True

    def dismiss(self) -> None:
        """The operator dismisses a reviewer, or has one back."""
        who = self.random.choice([*self.dismissed, self.random.randrange(5)])
        if who in self.dismissed:
            self.dismissed.remove(who)
            people.invite(name=f"R{who}", email=self.reviewers[who].email, now=self.now)
            return
        self.dismissed.append(who)
        places.dismiss(email=self.reviewers[who].email, now=self.now)
        for case in self.cases:
            part = case.reviews.get(who)
            if part is not None and not part.approved:
                part.left = True

    def approve(self) -> None:
        case = self._case()
        if case is None:
            return
        pending = [who for who, part in case.reviews.items() if not part.approved]
        who = self.random.choice([*pending, *pending, self.random.randrange(5)])
        part = self._part(case, who)
        method = self.random.choice(["", "call_back"])
        able = case.state == "open" and part is not None and not part.approved
        able = able and who not in self.dismissed and (case.approvals < 2 or method != "")
        values = {"number": case.number, "reviewer_id": self._id(who)}
        done = {"ticks": (), "method": method, "words": KNOWN}
        if self._done(reviewing.approve, able, **values, **done, now=self.now):
            part.approved, part.acted_at = True, self.now
            if case.approvals >= case.needed:
                case.state, case.decided_at = "approved", self.now
                case.round += 1
                self._expect_notices(case)

    def refuse(self) -> None:
        case, who = self._case(), self.random.randrange(5)
        if case is None:
            return
        able = case.state in RUNNING and self._part(case, who) is not None
        able = able and who not in self.dismissed
        values = {"number": case.number, "reviewer_id": self._id(who)}
        if self._done(
            reviewing.refuse, able, **values, reasons=["unreadable"], words="", now=self.now
        ):
            case.state = "refused"

    def contest(self) -> None:
        link = self._link()
        if link is None:
            return
        able = link.live and link.case.state in RUNNING
        world = {"secret": link.secret, "words": ""}
        if self._done(objections.object_by_link, able, **world, **self._act()):
            case = link.case
            if link.address not in case.objectors and not case.contested:
                case.contested = True
                if case.state == "approved":
                    case.state = "open"
            case.objectors.add(link.address)

    def inform(self) -> None:
        case = self._case()
        if case is None:
            return
        able = case.state in RUNNING
        world = {"number": case.number, "who": "", "words": ""}
        if self._done(objections.inform, able, **world, **self._act()):
            case.objectors.add("a contact")

    def confirm(self) -> None:
        link = self._link()
        if link is None:
            return
        case = link.case
        able = link.live and case.state in RUNNING and case.kind == "address_lost"
        able = able and link.primary and link.address == self.address
        able = able and self.proven_at < case.opened_at
        if self._done(objections.confirm, able, secret=link.secret, **self._act()):
            case.confirmed = True

    def withdraw(self) -> None:
        case = self._case()
        if case is None:
            return
        able = case.state in RUNNING
        if self._done(filing.withdraw, able, secret=case.secret, **self._act()):
            case.state = "withdrawn"

    def deliver(self) -> None:
        """The mail server takes some of what waits, puts it off, or refuses it for good."""
        waiting = list(Mail.objects.filter(state="queued").order_by("pk"))
        some = len(waiting) if self.random.random() < 0.6 else self.random.randint(0, len(waiting))
        for mail in self.random.sample(waiting, some):
            chance = self.random.random()
            if chance < 0.15:
                outbox.refuse(mail, error="no", now=self.now)
            elif chance < 0.35:
                Mail.objects.filter(pk=mail.pk).update(attempts=1)
                mail.attempts = 1
                outbox.put_off(mail, error="450 later", now=self.now)
                if self.now - mail.created_at < 3 * DAY:
                    continue
            else:
                outbox.accept(mail, now=self.now)
            notice = Notice.objects.filter(mail_id=mail.pk).first()
            for case in self.cases:
                for link in case.links:
                    if notice and (case.number, link.round, link.address) == (
                        notice.case.number,
                        notice.round,
                        notice.address,
                    ):
                        link.settled_at = self.now

    def wait(self) -> None:
        self.now += self.random.choice([HOUR, 5 * HOUR, DAY, 3 * DAY, 7 * DAY])
        for _worker in range(2):
            effect.apply_due(now=self.now)
            if self.random.random() < 0.5:
                places.free_lost(now=self.now)
        while due := [case for case in self.cases if (case.due_at() or self.now + DAY) <= self.now]:
            self._take_effect(min(due, key=lambda case: (case.due_at(), self.cases.index(case))))

    # How the model follows.

    def _take_effect(self, case: Modelled) -> None:
        case.state = "done"
        self.effects += 1
        self.address, self.known = case.new, [case.new]
        self.proven_at = case.opened_at
        for other in self.cases:
            for link in other.links:
                link.live = False
            if other.state == "approved":
                other.state = "open"
                for who, part in other.reviews.items():
                    if part.approved:
                        part.approved, part.acted_at = False, self.now
                        part.left = who in self.dismissed

    def _expect_notices(self, case: Modelled) -> None:
        """Read the links of the notices that the product must have written now."""
        for address in self.known:
            mails = Mail.objects.filter(recipient=address, context__number=case.number)
            mail = mails.filter(state="queued").latest("pk")
            secret = json.loads(tokens.unseal(mail.secrets, SECRETS))["notice"]
            primary = address == self.address
            case.links.append(Link(secret, case, case.round, address, primary))

    def _done(self, operation: Callable[..., object], able: bool, **values: object) -> bool:
        """Try something; the product must allow it exactly when the model does."""
        try:
            operation(**values)
        except Refused as refusal:
            allowed, said = False, str(refusal)
        else:
            allowed, said = True, "done"
        assert allowed == able, f"{operation.__name__}: {said}"
        return allowed

    def _act(self) -> dict[str, Act]:
        return {"act": Act.by_itself(self.now)}

    def _case(self) -> Modelled | None:
        running = [case for case in self.cases if case.state in RUNNING]
        if running and self.random.random() < 0.9:
            return self.random.choice(running)
        return self.random.choice(self.cases) if self.cases else None

    def _link(self) -> Link | None:
        links = [link for case in self.cases[-4:] for link in case.links]
        return self.random.choice(links) if links else None

    def _part(self, case: Modelled, who: int) -> Part | None:
        """Return the part of somebody who is at work on a case or has decided on it."""
        part = case.reviews.get(who)
        return part if part is not None and part.holds(self.now) else None

    def _id(self, who: int) -> object:
        return self.reviewers[who].pk

    def _reviewer(self, number: int) -> StaffMember:
        email = f"reviewer{self.seed}.{number}@provider.example"
        return StaffMember.objects.create(
            name=f"R{number}", email=email, email_key=email, created_at=self.now
        )

    def compare(self) -> None:
        account = Account.objects.get(pk=self.person.account.pk)
        assert account.email == self.address
        assert (account.password == "") == (self.effects > 0)
        rows = {row.number: row for row in Case.objects.filter(account=account)}
        for case in self.cases:
            row = rows[case.number]
            assert row.state == case.state, case
            if case.state == "approved":
                assert row.due_at == case.due_at(), case
        assert account.recovery_addresses.exists() == (self.effects == 0)
