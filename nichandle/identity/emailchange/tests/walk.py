"""
A random walk of the address-change machine beside a model of it.

The model knows no rows and no code of the product: it keeps the times at which things happened and
reckons from the rules alone what the address must be. Short in the suite, thousands of steps in
``bench/change-walk``.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from django.db.models import Q

from nichandle.identity.accounts.models import Account
from nichandle.identity.emailchange import operations
from nichandle.identity.emailchange.errors import (
    ApprovedAlready,
    ChangeCodeWrong,
    ChangeSentOften,
    CodesSpent,
    NoOpenChange,
    ProofLinkNotValid,
    ProvenAlready,
    UndoCodeWrong,
    UndoLinkNotValid,
    VetoLinkNotValid,
)
from nichandle.identity.emailchange.models import Change
from nichandle.identity.emailchange.outcome import effect, endings
from nichandle.identity.emailchange.outcome.undo import confirm, undo
from nichandle.identity.pauses.operations import Paused
from nichandle.platform.jobs import operations as jobs
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.limits.errors import Exhausted
from nichandle.platform.outbox import operations as outbox
from nichandle.platform.outbox.models import Mail
from tests.support.people import Person
from tests.support.post import CODE, Post, text_of

LINKS = {kind: re.compile(rf"/change/{kind}/(\S+)") for kind in ("proof", "veto", "undo")}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Request:
    """What the model remembers of one request."""

    number: int
    old: str
    new: str
    asked_at: datetime
    # When each part first reached the current address (True), and a recovery address (False).
    got: dict[tuple[str, bool], datetime] = field(default_factory=dict)
    refused: bool = False
    proven_at: datetime | None = None
    code_at: datetime | None = None
    codes_made: int = 1
    codes_settled: int = 0
    code_there: bool = False
    proofs_made: int = 1
    proofs_read: list[str] = field(default_factory=list)
    undo_codes_made: int = 0
    undo_codes_read: list[tuple[str, datetime]] = field(default_factory=list)
    state: str = "todo"
    ended_at: datetime | None = None

    def due_at(self) -> datetime | None:
        if self.proven_at is None:
            return None
        if self.code_at is not None:
            return max(self.code_at, self.proven_at)
        asked, reminded, told = (self.heard(part) for part in ("asked", "reminder", "proven"))
        if asked is None or reminded is None or told is None:
            return None
        return max(asked + 24 * HOUR, reminded + 4 * HOUR, told + 4 * HOUR)

    def heard(self, part: str) -> datetime | None:
        """When whoever may be silent had a part: the current address, unless it refuses mail."""
        return self.got.get((part, not self.refused))

    def lapses_at(self) -> datetime:
        ends = (self.heard("asked") or self.asked_at) + 7 * DAY
        due = self.due_at()
        return max(ends, due) if due else ends


@dataclass
class Window:
    """A limit: so many in a day, which begins with the first of them."""

    most: int
    began_at: datetime | None = None
    count: int = 0

    def spent(self, now: datetime) -> bool:
        runs = self.began_at is not None and now - DAY < self.began_at
        return runs and self.count >= self.most

    def use(self, now: datetime) -> None:
        if self.began_at is None or now - DAY >= self.began_at:
            self.began_at, self.count = now, 0
        self.count += 1


@dataclass
class Model:
    """The account as the rules say it must be."""

    address: str
    requests: list[Request] = field(default_factory=list)
    paused_until: datetime | None = None
    asked: Window = field(default_factory=lambda: Window(3))
    wrong_codes: Window = field(default_factory=lambda: Window(10))
    wrong_undo_codes: Window = field(default_factory=lambda: Window(10))
    contested: dict[int, datetime] = field(default_factory=dict)

    @property
    def open(self) -> Request | None:
        return next((one for one in self.requests if one.state == "todo"), None)

    def paused(self, now: datetime) -> bool:
        return self.paused_until is not None and now < self.paused_until


class Walk:
    """One account, its people and its mails; each step does one thing to product and model."""

    def __init__(self, person: Person, post: Post, seed: int, start: datetime) -> None:
        self.person, self.post, self.now = person, post, start
        self.random = random.Random(seed)
        self.model = Model(person.email)
        self.names = count(1)
        self.mails_down = self.refusing = False
        self.spare = ""
        if self.random.random() < 0.5:
            self.spare = f"spare.{person.email}"
            proven = start - 30 * DAY
            person.account.recovery_addresses.create(
                address=self.spare, address_key=self.spare, added_at=proven, proven_at=proven
            )
        # To whom each veto went and when, and the newest mail when an address was given up.
        self.vetoes: dict[str, tuple[str, int, datetime]] = {}
        self.given_up: dict[str, int] = {}
        self.steps: list[tuple[int, Callable[[], None]]] = [
            (4, self.ask),
            (9, self.prove),
            (2, self.enter_code),
            (1, self.enter_wrong_code),
            (1, self.veto),
            (1, self.withdraw),
            (2, self.send_code_again),
            (1, self.send_proof_again),
            (5, self.press_undo),
            (3, self.confirm_undo),
            (14, self.let_time_pass),
            (2, self.break_or_mend_the_mail),
            (1, self.refuse_or_take_mail),
        ]

    def step(self) -> str:
        weights = [weight for weight, _work in self.steps]
        (_weight, work), *_ = self.random.choices(self.steps, weights)
        work()
        self.run_worker()
        self.compare(work.__name__)
        return work.__name__

    @property
    def account_id(self) -> UUID:
        return self.person.account.pk

    def expect(self, refusal: type[Refused] | None, work: Callable[[], Any]) -> Any:
        """Do something that the model says is refused so, or done; return what came of it."""
        refused: Refused | None = None
        outcome = None
        try:
            outcome = work() or True
        except Refused as refusal_met:
            refused = refusal_met
        met = type(refused) if refused else None
        assert met is refusal, (met, refusal, self.now, self.model)
        return outcome

    # What people do.

    def ask(self) -> None:
        address = f"n{next(self.names)}.{self.person.email.partition('@')[0]}@new.example"
        if self.model.open and self.random.random() < 0.7:
            return
        expected: type[Refused] | None = None
        if self.model.paused(self.now):
            expected = Paused
        elif self.model.asked.spent(self.now):
            expected = Exhausted
        change = self.expect(
            expected,
            lambda: operations.request_change(
                account_id=self.account_id, address=address, act=Act.by_itself(self.now)
            ),
        )
        if change is None:
            return
        self.model.asked.use(self.now)
        if self.model.open:
            self._end(self.model.open, "replaced")
        self.model.requests.append(Request(change.pk, self.model.address, address, self.now))

    def prove(self) -> None:
        request, secret = self.model.open, self._secret("proof", anywhere=True)
        if secret is None:
            return
        newest = request is not None and len(request.proofs_read) == request.proofs_made
        mine = newest and request.proofs_read[-1] == secret and request.proven_at is None
        done = self.expect(
            None if mine else ProofLinkNotValid,
            lambda: operations.prove_address(secret=secret, act=Act.by_itself(self.now)),
        )
        if done is None:
            return
        request.proven_at = self.now
        if request.code_at is not None:
            self._effect_or_wait(request)

    def enter_code(self) -> None:
        """Type the newest code there is, which may be of another request, or of none any more."""
        found = self._newest_code()
        if found is None:
            return
        code, of = found
        request = self.model.open
        right = request is of and of is not None and of.code_there
        right = right and of.codes_settled == of.codes_made
        self._type(code, right=right)

    def enter_wrong_code(self) -> None:
        self._type("BBBB-BBBB", right=False)

    def _type(self, code: str, *, right: bool) -> None:
        request, model = self.model.open, self.model
        expected: type[Refused] | None = None
        counted = False
        if model.wrong_codes.spent(self.now):
            expected = Exhausted
        elif request is None:
            expected = NoOpenChange
        elif model.paused(self.now):
            expected = Paused
        elif request.code_at is None and not right:
            counted = True
            model.wrong_codes.use(self.now)
            expected = CodesSpent if model.wrong_codes.spent(self.now) else ChangeCodeWrong
        self.expect(
            expected,
            lambda: operations.confirm_code(
                account_id=self.account_id, code=code, key=None, act=Act.by_itself(self.now)
            ),
        )
        if counted and expected is CodesSpent:
            self._end(request, "refused")
        if expected is not None or request.code_at is not None:
            return
        request.code_at = self.now
        if request.proven_at is not None:
            self._effect_or_wait(request)

    def veto(self) -> None:
        secret, request = self._secret("veto", anywhere=True), self.model.open
        if secret is None:
            return
        to, number, made_at = self.vetoes[secret]
        works = (
            request is not None
            and to in {self.model.address, self.spare}
            and number > self.given_up.get(to, 0)
            and self.now < made_at + 30 * DAY
        )
        self.expect(
            None if works else VetoLinkNotValid,
            lambda: endings.veto(secret=secret, act=Act.by_itself(self.now)),
        )
        if works:
            self._end(request, "refused")

    def withdraw(self) -> None:
        request = self.model.open
        try:
            endings.withdraw(account_id=self.person.account.pk, act=Act.by_itself(self.now))
        except Refused:
            assert request is None
            return
        assert request is not None
        self._end(request, "withdrawn")

    def send_code_again(self) -> None:
        request = self.model.open
        expected: type[Refused] | None = None
        if request is None:
            expected = NoOpenChange
        elif request.code_at is not None:
            expected = ApprovedAlready
        elif request.codes_made > 3:
            expected = ChangeSentOften
        self.expect(
            expected,
            lambda: operations.send_code_again(
                account_id=self.account_id, act=Act.by_itself(self.now)
            ),
        )
        if expected is None:
            request.codes_made += 1

    def send_proof_again(self) -> None:
        request = self.model.open
        expected: type[Refused] | None = None
        if request is None:
            expected = NoOpenChange
        elif request.proven_at is not None:
            expected = ProvenAlready
        elif request.proofs_made > 3:
            expected = ChangeSentOften
        self.expect(
            expected,
            lambda: operations.send_proof_again(
                account_id=self.account_id, act=Act.by_itself(self.now)
            ),
        )
        if expected is None:
            # What was made and is not mailed yet is left unmade: the newest one is mailed alone.
            request.proofs_made += 1

    def press_undo(self) -> None:
        """Press the undo of one of the changes, an old one perhaps."""
        done = [one for one in self.model.requests if one.state in ("done", "undone")]
        if not done:
            return
        chosen = self.random.choice(done)
        secret = self._undo_of(chosen)
        if secret is None:
            return
        expected: type[Refused] | None = None
        if not self._undoable(chosen):
            expected = UndoLinkNotValid
        elif chosen.code_at is not None and chosen.undo_codes_made >= 4:
            expected = ChangeSentOften
        outcome = self.expect(expected, lambda: undo(secret=secret, act=Act.by_itself(self.now)))
        if outcome is None:
            return
        # After a code the old mailbox alone only pauses, and a recovery address may confirm.
        assert outcome.restored == (chosen.code_at is None)
        assert outcome.by_code == (not outcome.restored and bool(self.spare))
        if outcome.restored:
            self._restore(chosen)
            return
        chosen.undo_codes_made += bool(self.spare)
        if chosen.number not in self.model.contested:
            self._pause(3 * DAY)
            self.model.contested[chosen.number] = self.now + 3 * DAY

    def confirm_undo(self) -> None:
        """Type the newest code that a recovery address had for the undo of one of the changes."""
        done = [one for one in self.model.requests if one.undo_codes_read]
        if not done:
            return
        chosen = self.random.choice(done)
        secret = self._undo_of(chosen)
        code, made_at = chosen.undo_codes_read[-1]
        newest = len(chosen.undo_codes_read) == chosen.undo_codes_made
        expected: type[Refused] | None = None
        if self.model.wrong_undo_codes.spent(self.now):
            expected = Exhausted
        elif not self._undoable(chosen):
            expected = UndoLinkNotValid
        elif not newest or self.now >= made_at + DAY:
            expected = UndoCodeWrong
            self.model.wrong_undo_codes.use(self.now)
        done = self.expect(
            expected, lambda: confirm(secret=secret, code=code, act=Act.by_itself(self.now))
        )
        if done is not None:
            self._restore(chosen)

    def _undoable(self, request: Request) -> bool:
        assert request.ended_at is not None
        return request.state == "done" and self.now < request.ended_at + 7 * DAY

    def _restore(self, chosen: Request) -> None:
        if self.now >= self.model.contested.get(chosen.number, self.now):
            self._pause(3 * DAY)
        if self.model.open:
            self._end(self.model.open, "refused")
        for one in self.model.requests[self.model.requests.index(chosen) :]:
            if one.state == "done":
                one.state = "undone"
                self._give_up(one.new)
        self.model.address = chosen.old

    def let_time_pass(self) -> None:
        """Let minutes or days go by, the worker at work in between."""
        much = self.random.choice([0.2, 1, 3.9, 4.1, 12, 20.1, 24.1, 72, 170])
        end = self.now + timedelta(hours=much)
        while self.now < end:
            self.now = min(end, self.now + timedelta(hours=self.random.choice([0.5, 2, 5])))
            self.run_worker()

    def break_or_mend_the_mail(self) -> None:
        self.mails_down = not self.mails_down

    def refuse_or_take_mail(self) -> None:
        """From now on the present primary address refuses mail for good, or no longer does."""
        self.refusing = not self.refusing

    # What the machine does by itself.

    def run_worker(self) -> None:
        for work in self.random.sample([self._apply, self._remind, self._lapse], 3):
            work()
        self._deliver()

    def _apply(self) -> None:
        request = self.model.open
        due = request.due_at() if request else None
        for _worker in range(2):
            effect.apply_due(now=self.now)
        if request is None or due is None or due > self.now:
            return
        if not self.model.paused(self.now):
            self._take_effect(request)

    def _remind(self) -> None:
        endings.remind_due(now=self.now)

    def _lapse(self) -> None:
        request = self.model.open
        endings.lapse_due(now=self.now)
        row = Change.objects.get(pk=request.number) if request else None
        if request is None or row is None:
            return
        if request.due_at() is None:
            assert (row.state == "lapsed") is (request.lapses_at() <= self.now)
        if row.state == "lapsed":
            assert request.lapses_at() <= self.now
            self._end(request, "lapsed")

    def _deliver(self) -> None:
        self._do_jobs()
        if self.mails_down:
            return
        places = [request.new for request in self.model.requests]
        mine = Q(account_id=self.person.account.pk) | Q(account_id=None, recipient__in=places)
        for mail in Mail.objects.filter(mine, state="queued").order_by("pk"):
            if outbox.drop_if_expired(mail, now=self.now):
                continue
            if self.refusing and mail.recipient == self.model.address:
                outbox.refuse(mail, error="550", now=self.now)
                self._bounced(mail)
                continue
            self.post.take(mail)
            outbox.accept(mail, now=self.now)
            self._delivered(mail, text_of(self.post.messages[-1][1]))

    def _do_jobs(self) -> None:
        while job := jobs.claim(worker="walk", now=self.now):
            jobs.work_of(job)(now=self.now)
            jobs.finish(job)

    def _delivered(self, mail: Mail, text: str) -> None:
        for secret in LINKS["veto"].findall(text):
            self.vetoes[secret] = (mail.recipient, mail.pk, mail.created_at)
        kind = mail.template.rpartition("/")[2]
        request = self._request_of(mail)
        if request is None:
            return
        current = mail.recipient == request.old
        part = {"code": "asked", "warning": "asked"}.get(kind, kind)
        if kind == "code":
            request.codes_settled += 1
            request.code_there = True
        if part in {"asked", "reminder", "proven"}:
            request.got.setdefault((part, current), self.now)
        elif kind == "proof":
            request.proofs_read += LINKS["proof"].findall(text)
        elif kind == "undo_code":
            request.undo_codes_read.append((CODE.findall(text)[0], mail.created_at))

    def _bounced(self, mail: Mail) -> None:
        kind, request = mail.template.rpartition("/")[2], self._request_of(mail)
        if request is None or kind not in {"code", "reminder", "proven"}:
            return
        request.refused = True
        if kind == "code":
            request.codes_settled += 1
            request.code_there = False

    # What must be true after each step.

    def compare(self, after: str) -> None:
        account = Account.objects.get(pk=self.person.account.pk)
        assert account.email == self.model.address, after
        rows = {row.pk: row.state for row in Change.objects.filter(account=account)}
        expected = {one.number: one.state for one in self.model.requests}
        assert rows == expected, (after, rows, self.now, self.model)

    def _effect_or_wait(self, request: Request) -> None:
        if not self.model.paused(self.now):
            self._take_effect(request)

    def _take_effect(self, request: Request) -> None:
        request.state, request.ended_at = "done", self.now
        self.model.address = request.new
        self._give_up(request.old)
        if request.code_at is None:
            self._pause(7 * DAY)

    def _give_up(self, address: str) -> None:
        newest = Mail.objects.order_by("-pk").first()
        self.given_up[address] = newest.pk if newest else 0

    def _pause(self, much: timedelta) -> None:
        until = self.now + much
        self.model.paused_until = max(self.model.paused_until or until, until)

    def _end(self, request: Request, state: str) -> None:
        request.state, request.ended_at = state, self.now

    # Reading the mails as people do.

    def _request_of(self, mail: Mail) -> Request | None:
        new = mail.context.get("new_address")
        return next((one for one in self.model.requests if one.new == new), None)

    def _texts(self, part: str) -> list[str]:
        return [text_of(message) for _to, message in self.post.messages if part in text_of(message)]

    def _secret(self, kind: str, *, anywhere: bool) -> str | None:
        found = [LINKS[kind].findall(text) for text in self._texts(f"/change/{kind}/")]
        secrets = [secret for each in found for secret in each]
        if not secrets:
            return None
        return self.random.choice([secrets[-1], *secrets[-4:]]) if anywhere else secrets[-1]

    def _newest_code(self) -> tuple[str, Request | None] | None:
        """Return the newest code in the mailbox of the present address, and whose it is."""
        for to, text in reversed(self._letters()):
            found = CODE.search(text) if to == self.model.address else None
            if found:
                of = [one for one in self.model.requests if one.new in text and one.old in text]
                return found[0], of[0] if of else None
        return None

    def _undo_of(self, request: Request) -> str | None:
        found = [
            secret
            for to, text in self._letters()
            if to in {request.old, self.spare} and request.new in text and request.old in text
            for secret in LINKS["undo"].findall(text)
        ]
        return self.random.choice(found) if found else None

    def _letters(self) -> list[tuple[str, str]]:
        return [(to, text_of(message)) for to, message in self.post.messages]
