"""
A random walk of an owner and a thief, each with some of an account's mailboxes and secrets.

Beside the product goes a model that keeps times and knows the rules alone: whether the account is
contested, whether sensitive acts wait, which password opens it. After each step they agree, and now
and then each mailbox shows, in a transaction that is rolled back, that it sets a new password:
whatever the other has done. At the end the owner gets back in, with what he holds. Short in the
suite, a week and more of it in ``bench/thief-and-owner``.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.cases import filing
from nichandle.identity.cases.models import Case
from nichandle.identity.cases.review import effect, objections, reviewing
from nichandle.identity.factors.answers import Answer
from nichandle.identity.pauses.operations import Paused, require
from nichandle.identity.pauses.queries import all_running
from nichandle.identity.recovery import links, not_me, operations
from nichandle.identity.recovery.procedure import operations as procedure
from nichandle.identity.signin.credentials.password import change_password
from nichandle.identity.signin.credentials.pausing import FactorTooYoung, lift_with_factor
from nichandle.identity.signin.models import Session
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.identity.staff.models import StaffMember
from nichandle.platform.kernel import addresses, tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.outbox.models import SECRETS, Mail
from tests.support.people import Person, app_code, set_up_app
from tests.support.post import deliver, waiting_code
from tests.support.worker import work

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PRIMARY, SPARE, YOUNG = "primary", "spare", "young"


@dataclass
class Actor:
    """The owner or the thief: what they read, know and hold."""

    name: str
    mailboxes: set[str]
    passwords: list[str] = field(default_factory=list)
    seed: str = ""
    paper: bool = False
    browser: Client = field(default_factory=lambda: Client(HTTP_HOST="localhost"))


@dataclass
class Model:
    """The account as the rules say it must be."""

    password: str | None
    contested: bool = False
    contested_at: datetime | None = None
    since: datetime | None = None
    said_at: dict[str, datetime] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    notme_until: datetime | None = None
    reset_until: datetime | None = None
    stopped_until: datetime | None = None
    set_at: dict[str, list[datetime]] = field(default_factory=dict)
    """When each box has set a password while the account was contested."""

    def spent(self, box: str, now: datetime) -> bool:
        return len([at for at in self.set_at.get(box, []) if now - at < DAY]) >= 3

    def paused(self, now: datetime) -> bool:
        ends = [end for end in (self.notme_until, self.reset_until) if end is not None]
        return self.contested or any(now < end for end in ends)


class Walk:
    """One account, two people who both say that it is theirs, and a clock of its own."""

    def __init__(self, person: Person, seed: int, start: datetime) -> None:
        self.person, self.random, self.numbers = person, random.Random(seed), count(1)
        self.clock = time_machine.travel(start, tick=False)
        self.moved = self.clock.start()
        self.probes = self.contests = 0
        self.model = Model(person.password)
        self.at = {PRIMARY: person.email}
        for name, age in ((SPARE, 60), (YOUNG, self.random.randint(1, 6))):
            self.at[name] = f"{name}.{person.email}"
            proven = self.young_since = start - age * DAY
            person.account.recovery_addresses.create(
                address=self.at[name],
                address_key=addresses.key(self.at[name]),
                added_at=proven,
                proven_at=proven,
            )
        Account.objects.filter(pk=self.account_id).update(email_proven_at=start - 90 * DAY)
        self.owner, self.thief = self._hands()
        self.reviewers = [self._reviewer(number) for number in range(3)]

    def close(self) -> None:
        self.clock.stop()

    @property
    def account_id(self) -> Any:
        return self.person.account.pk

    @property
    def now(self) -> datetime:
        return timezone.now()

    def step(self) -> str:
        """Let somebody do something, in the product and in the model, and compare."""
        acts: list[tuple[Callable[[Actor], str], int]] = [
            (self.say_not_me, 6),
            (self.reset, 4),
            (self.stop, 2),
            (self.sign_in, 5),
            (self.change, 3),
            (self.settle, 1),
            (self.decide, 1),
            (self.wait, 5),
        ]
        (act,) = self.random.choices([one for one, _ in acts], [weight for _, weight in acts])
        done = act(self.random.choice([self.owner, self.thief]))
        self.moved.shift(timedelta(seconds=61))
        self.compare()
        if self.random.random() < 0.15:
            self.probe()
        return done

    # What they do.

    def say_not_me(self, who: Actor) -> str:
        """Press one of the links in a mailbox that is read, an old one perhaps."""
        found = self._secrets(who, "not_me")
        if not found:
            return "say_not_me: no link"
        box, secret, sent_at = self.random.choice(found)
        said, now = self.model.said_at.get(box), self.now
        works = secret not in self.model.used and now < sent_at + 7 * DAY
        quiet = self.model.contested and said is not None
        quiet = quiet and said is not None and (sent_at <= said or now < said + DAY)
        try:
            done = not_me.disown(secret=secret, act=self._act(who))
        except not_me.NotMeLinkNotValid:
            assert not works
            return "say_not_me: void"
        assert works
        assert done.effect is not quiet, (box, said, sent_at)
        if quiet:
            assert done.secret or box == YOUNG
            return "say_not_me: said already"
        self.model.used.add(secret)
        self.contests += not self.model.contested
        if not self.model.contested:
            self.model.said_at, self.model.contested_at = {}, now
            self.model.since = sent_at
        self.model.since = min(self.model.since or sent_at, sent_at)
        self.model.contested, self.model.password = True, None
        self.model.said_at[box] = now
        self.model.notme_until = max(self.model.notme_until or now, now + 7 * DAY)
        assert not Session.objects.filter(account_id=self.account_id).exists()
        return "say_not_me: effect"

    def reset(self, who: Actor) -> str:
        box = self.random.choice([PRIMARY, SPARE, YOUNG])
        self._ask(box, self._act(who))
        if box not in who.mailboxes:
            return "reset: asked for another's mailbox"
        password = self._new_password()
        if not self._set(box, password, who):
            return "reset: no link"
        who.passwords.append(password)
        return "reset: set"

    def stop(self, who: Actor) -> str:
        found = self._secrets(who, "secret", template="recovery/mail/reset_by_recovery")
        if not found:
            return "stop: no link"
        _box, secret, _sent_at = self.random.choice(found)
        try:
            links.stop(secret=secret, act=self._act(who))
        except links.StopLinkNotValid:
            return "stop: void"
        assert not self.model.contested, "nobody stops another while the case runs"
        self.model.stopped_until = self.now + DAY
        return "stop: stopped"

    def sign_in(self, who: Actor) -> str:
        if not who.passwords:
            return "sign_in: knows no password"
        entered = self._enter(who, who.passwords[-1])
        if entered:
            assert who.passwords[-1] == self.model.password
        return f"sign_in: {'in' if entered else 'out'}"

    def change(self, who: Actor) -> str:
        """Change the password, signed in: every address hears of it, with a link."""
        if who.browser.get("/area").status_code != 200 or not who.passwords:
            return "change: not signed in"
        password = self._new_password()
        try:
            change_password(
                account_id=self.account_id,
                current=who.passwords[-1],
                new=password,
                key=who.browser.cookies["session"].value,
                act=self._act(who),
            )
        except Refused:
            return "change: refused"
        who.passwords.append(password)
        self.model.password = password
        return "change: changed"

    def settle(self, who: Actor) -> str:
        """Prove an old factor on the page of the pause."""
        if not who.seed or who.browser.get("/area").status_code != 200:
            return "settle: cannot"
        if not self.model.paused(self.now):
            return "settle: no pause"
        try:
            lift_with_factor(
                self.account_id,
                answer=Answer("app", app_code(who.seed)),
                visit=Visit(Origin("203.0.113.7", ""), self.now, None),
            )
        except FactorTooYoung:
            raise AssertionError("the factor is older than all there is") from None
        self.model.contested = False
        self.model.notme_until = self.model.reset_until = None
        return "settle: settled"

    def decide(self, _who: Actor) -> str:
        """A reviewer closes the case, seldom."""
        case = Case.objects.filter(account_id=self.account_id, kind="not_me", state="open").first()
        assert (case is not None) == self.model.contested
        if case is None or self.random.random() < 0.5:
            return "decide: nothing"
        values = {"number": case.number, "reviewer_id": self.reviewers[0].pk, "now": self.now}
        reviewing.take(**values)
        reviewing.close(**values, words="called back")
        self.model.contested = False
        return "decide: closed"

    def wait(self, _who: Actor) -> str:
        self.moved.shift(self.random.choice([HOUR / 2, 2 * HOUR, 11 * HOUR, DAY, 2 * DAY]))
        return "wait"

    # What must be true.

    def compare(self) -> None:
        now, model = self.now, self.model
        account = Account.objects.get(pk=self.account_id)
        assert (account.password == "") == (model.password is None)
        assert account.email == self.person.email
        for act in ("email.change", "recovery_address.change", "factor.add"):
            assert self._waits(act, now) == model.paused(now), act
        # While the case is open there is no end to it, whatever mailboxes say.
        assert self._waits("email.change", now + 400 * DAY) == model.contested
        held = [pause for pause in all_running(self.account_id, now=now) if pause.held_by]
        assert bool(held) == model.contested

    def probe(self) -> None:
        """Each mailbox that may sets a password, alone, whatever the others have done."""
        for box in (PRIMARY, SPARE):
            stopped = self.model.stopped_until is not None and self.now < self.model.stopped_until
            if box == SPARE and stopped and not self.model.contested:
                continue
            if self.model.spent(box, self.now):
                # Whoever reads this very mailbox has set as many as it may a day.
                continue
            reader = Actor("reader", {box})
            with transaction.atomic():
                self._ask(box, self._act(reader))
                assert self._set(box, self._new_password(), reader), (box, self.model)
                transaction.set_rollback(True)
            self.probes += 1
            self._forget_set()

    def owner_gets_back_in(self) -> str:
        """The thief does all he can, then the owner all he must: he is in, and was not shut out."""
        self.thief_does_his_worst()
        ways = sorted(self.owner.mailboxes & {PRIMARY, SPARE})
        self.moved.shift(DAY + HOUR)
        for box in ways:
            self._ask(box, self._act(self.owner))
            password = self._new_password()
            if self._set(box, password, self.owner):
                self.owner.passwords.append(password)
                assert self._enter(self.owner, password), "the owner's new password opens"
                return f"back by the {box} mailbox"
            assert box == SPARE, "the primary mailbox alone stops its own links for nobody"
        assert self.owner.paper, "every owner has one way at least"
        return self._procedure()

    def thief_does_his_worst(self) -> None:
        for box, secret, sent_at in self._secrets(self.thief, "not_me"):
            try:
                done = not_me.disown(secret=secret, act=self._act(self.thief))
            except not_me.NotMeLinkNotValid:
                continue
            if done.effect and not self.model.contested:
                self.model.contested, self.model.contested_at = True, self.now
                self.model.since = sent_at
            if done.effect:
                self.model.password = None
                self.model.since = min(self.model.since or sent_at, sent_at)
            assert box in self.thief.mailboxes
        for box in sorted(self.thief.mailboxes):
            for _time in range(6):
                self._ask(box, self._act(self.thief))
            self._set(box, self._new_password(), self.thief)

    def _procedure(self) -> str:
        new, act = f"new.{self.person.email}", self._act(self.owner)
        kind = "both_lost" if self.thief.seed or self.owner.seed else "address_lost"
        secret = filing.begin(
            kind=kind, typed=self.person.handle, address=new, language="en", act=act
        )
        filing.prove(secret=secret, code=waiting_code("cases/mail/code", new), act=act)
        filing.describe(secret=secret, holder="individual", words="", now=self.now)
        procedure.send(secret=secret, act=act)
        work(self.now)
        number = Case.objects.filter(kind=kind).latest("pk").number
        self._thief_objects(number)
        for which, method in enumerate(("", "", "call_back")):
            if Case.objects.get(number=number).state != "open":
                break
            values = {"number": number, "reviewer_id": self.reviewers[which].pk, "now": self.now}
            reviewing.take(**values)
            reviewing.approve(**values, ticks=[], method=method, words="papers are good")
        deliver(self.now)
        self.moved.shift(11 * DAY)
        effect.apply_due(now=self.now)
        self.at[PRIMARY] = new
        self.owner.mailboxes.add(PRIMARY)
        password = self._new_password()
        assert self._set(PRIMARY, password, self.owner)
        self.owner.seed = ""
        assert self._enter(self.owner, password)
        # The thief's mailboxes are nobody's of this account any more.
        for box in (SPARE, YOUNG):
            self._ask(box, act)
            assert not self._set(box, self._new_password(), self.thief)
        return "back by the procedure"

    def _thief_objects(self, number: str) -> None:
        for box in sorted(self.thief.mailboxes):
            mails = Mail.objects.filter(recipient=self.at[box], context__number=number)
            for mail in mails.exclude(secrets=None):
                secret = json.loads(tokens.unseal(mail.secrets, SECRETS)).get("notice")
                if secret:
                    objections.object_by_link(secret=secret, words="", act=self._act(self.thief))

    # How it is done.

    def _hands(self) -> tuple[Actor, Actor]:
        """Share out what there is; the owner has one way at least that is his own."""
        owner, thief = Actor("owner", set()), Actor("thief", set())
        for box in self.at:
            holders = self.random.choice([[owner], [thief], [owner, thief], [thief], []])
            for holder in holders:
                holder.mailboxes.add(box)
        owner.paper = not owner.mailboxes & {PRIMARY, SPARE} or self.random.random() < 0.3
        for holder in (owner, thief):
            if self.random.random() < 0.6:
                holder.passwords.append(self.person.password)
        if self.random.random() < 0.4:
            owner.seed = set_up_app(self.person, days_ago=30)[0]
        return owner, thief

    def _ask(self, box: str, act: Act) -> None:
        typed, by_recovery = self.person.handle, box != PRIMARY
        try:
            operations.ask_for_link(typed=typed, by_recovery=by_recovery, act=act)
        except Refused:
            return
        work(self.now)

    def _set(self, box: str, password: str, who: Actor) -> bool:
        """Set a password with the newest link in a mailbox that still works."""
        for template in ("recovery/mail/reset_link", "recovery/mail/given_back"):
            reader = Actor(who.name, {box})
            for _box, secret, _at in reversed(self._secrets(reader, "secret", template=template)):
                answer = who.browser.post(f"/password/new/{secret}", {"password": password})
                if answer.status_code == 302:
                    self._was_set(box, password)
                    return True
        return False

    def _was_set(self, box: str, password: str) -> None:
        if box == YOUNG and self.model.contested:
            began, since = self.model.contested_at, self.model.since
            assert began is not None
            assert since is not None
            held = self.now < began + 7 * DAY
            assert not held or since - self.young_since >= 7 * DAY, "young at the event"
        self._before = (self.model.password, self.model.reset_until, dict(self.model.set_at))
        self.model.password = password
        if self.model.contested:
            self.model.set_at[box] = [*self.model.set_at.get(box, []), self.now]
        if box != PRIMARY:
            self.model.reset_until = max(self.model.reset_until or self.now, self.now + 3 * DAY)

    def _forget_set(self) -> None:
        self.model.password, self.model.reset_until, self.model.set_at = self._before

    def _enter(self, who: Actor, password: str) -> bool:
        given = {"identifier": self.person.handle, "password": password}
        answer = who.browser.post("/signin", given)
        place = answer.headers.get("Location", "")
        if place.startswith("/signin/factor") and who.seed:
            code = {"method": "app", "code": app_code(who.seed)}
            place = who.browser.post(place, code).headers.get("Location", "")
        elif place.startswith("/signin/code") and PRIMARY in who.mailboxes:
            code = {"code": waiting_code("signin/mail/code", self.at[PRIMARY])}
            place = who.browser.post(place, code).headers.get("Location", "")
        return place == "/area"

    def _secrets(
        self, who: Actor, name: str, *, template: str = ""
    ) -> list[tuple[str, str, datetime]]:
        """Return the secrets of that name in the mailboxes somebody reads, the oldest first."""
        found = []
        for box in sorted(who.mailboxes):
            mails = Mail.objects.filter(recipient=self.at[box], account_id=self.account_id)
            mails = mails.filter(template=template) if template else mails
            for mail in mails.exclude(secrets=None).order_by("-pk")[:12]:
                secret = json.loads(tokens.unseal(mail.secrets, SECRETS)).get(name)
                if secret:
                    found.append((box, secret, mail.created_at))
        return found[::-1]

    def _waits(self, act: str, now: datetime) -> bool:
        try:
            require(self.account_id, act, now=now)
        except Paused:
            return True
        return False

    def _act(self, _who: Actor) -> Act:
        """From somewhere else each time: no limit of a network stands in anybody's way."""
        return Act(
            Origin(f"198.18.{self.random.randrange(256)}.{next(self.numbers) % 256}", ""), self.now
        )

    def _new_password(self) -> str:
        return f"quai violet sans carafe {next(self.numbers)}"

    def _reviewer(self, number: int) -> StaffMember:
        email = f"reviewer{number}.{self.person.email}"
        return StaffMember.objects.create(
            name=f"R{number}", email=email, email_key=email, created_at=self.now
        )
