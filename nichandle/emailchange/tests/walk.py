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

from conftest import CODE, Person, Post, text_of
from nichandle.accounts.models import Account
from nichandle.emailchange import effect, endings, operations
from nichandle.emailchange.errors import (
    ApprovedAlready,
    CodesSpent,
    CodeWrong,
    NoOpenChange,
    ProofLinkNotValid,
    ProvenAlready,
    SentOften,
    VetoLinkNotValid,
)
from nichandle.emailchange.models import Change
from nichandle.emailchange.undo import undo
from nichandle.jobs import operations as jobs
from nichandle.kernel.errors import Refused
from nichandle.kernel.origin import NOWHERE
from nichandle.limits.errors import Exhausted
from nichandle.outbox import operations as outbox
from nichandle.outbox.models import Mail
from nichandle.pauses.operations import Paused

LINKS = {kind: re.compile(rf"/change/{kind}/(\S+)") for kind in ("proof", "veto", "undo")}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Request:
    """What the model remembers of one request."""

    number: int
    old: str
    new: str
    asked_at: datetime
    code_mail_at: datetime | None = None
    reminded_at: datetime | None = None
    proven_at: datetime | None = None
    told_at: datetime | None = None
    code_at: datetime | None = None
    codes_made: int = 1
    codes_read: int = 0
    proofs_made: int = 1
    proofs_read: list[str] = field(default_factory=list)
    state: str = "todo"
    ended_at: datetime | None = None

    def due_at(self) -> datetime | None:
        if self.proven_at is None:
            return None
        if self.code_at is not None:
            return max(self.code_at, self.proven_at)
        if None in (self.code_mail_at, self.reminded_at, self.told_at):
            return None
        return max(
            self.code_mail_at + 24 * HOUR, self.reminded_at + 4 * HOUR, self.told_at + 4 * HOUR
        )

    def lapses_at(self) -> datetime:
        ends = (self.code_mail_at or self.asked_at) + 7 * DAY
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
    contested: set[int] = field(default_factory=set)

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
        self.mails_down = False
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
            (14, self.let_time_pass),
            (2, self.break_or_mend_the_mail),
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
                account_id=self.account_id, address=address, origin=NOWHERE, now=self.now
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
            lambda: operations.prove_address(secret=secret, origin=NOWHERE, now=self.now),
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
        right = request is of and of is not None and of.codes_read == of.codes_made
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
            expected = CodesSpent if model.wrong_codes.spent(self.now) else CodeWrong
        self.expect(
            expected,
            lambda: operations.confirm_code(
                account_id=self.account_id, code=code, key=None, origin=NOWHERE, now=self.now
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
            and to == self.model.address
            and number > self.given_up.get(to, 0)
            and self.now < made_at + 30 * DAY
        )
        self.expect(
            None if works else VetoLinkNotValid,
            lambda: endings.veto(secret=secret, origin=NOWHERE, now=self.now),
        )
        if works:
            self._end(request, "refused")

    def withdraw(self) -> None:
        request = self.model.open
        try:
            endings.withdraw(account_id=self.person.account.pk, origin=NOWHERE, now=self.now)
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
            expected = SentOften
        self.expect(
            expected,
            lambda: operations.send_code_again(
                account_id=self.account_id, origin=NOWHERE, now=self.now
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
            expected = SentOften
        self.expect(
            expected,
            lambda: operations.send_proof_again(
                account_id=self.account_id, origin=NOWHERE, now=self.now
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
        works = chosen.state == "done" and self.now < chosen.ended_at + 7 * DAY
        try:
            outcome = undo(secret=secret, origin=NOWHERE, now=self.now)
        except Refused:
            assert not works
            return
        assert works
        self._pause(chosen, 3 * DAY)
        # After a code the old mailbox alone only pauses: nobody here has a recovery address.
        assert outcome.restored == (chosen.code_at is None)
        if not outcome.restored:
            self.model.contested.add(chosen.number)
            return
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
        if kind == "code":
            request.codes_read += 1
            request.code_mail_at = request.code_mail_at or self.now
        elif kind == "proof":
            request.proofs_read += LINKS["proof"].findall(text)
        elif kind == "reminder" and request.reminded_at is None:
            request.reminded_at = self.now
        elif kind == "proven" and request.told_at is None:
            request.told_at = self.now

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
            self._pause(request, 7 * DAY)

    def _give_up(self, address: str) -> None:
        newest = Mail.objects.order_by("-pk").first()
        self.given_up[address] = newest.pk if newest else 0

    def _pause(self, request: Request, much: timedelta) -> None:
        if request.number in self.model.contested:
            return
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
        for to, text in self._letters():
            if to == request.old and request.new in text:
                found = LINKS["undo"].findall(text)
                if found:
                    return str(found[0])
        return None

    def _letters(self) -> list[tuple[str, str]]:
        return [(to, text_of(message)) for to, message in self.post.messages]
