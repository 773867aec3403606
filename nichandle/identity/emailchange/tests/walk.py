"""
A random walk of the address-change machine beside a model of it.

Two browsers, a scanner, mail that is away, refused or put off, a worker that is away, an account
that is frozen. Short in the suite, thousands of steps in ``bench/change-walk``.
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from nichandle.identity.accounts.models import Account
from nichandle.identity.emailchange.models import Absence, Change, Round
from nichandle.identity.emailchange.outcome import effect, lapsing, reminding
from nichandle.identity.emailchange.tests.walk_model import DAY, HOUR, Model
from nichandle.identity.emailchange.tests.walk_people import People
from tests.support.people import Person
from tests.support.post import Post


class Walk(People):
    """One account, its people and its mails; each step does one thing to product and model."""

    def __init__(self, person: Person, post: Post, seed: int, start: datetime) -> None:
        self.person, self.post, self.now = person, post, start
        self.random = random.Random(seed)
        self.model = Model(person.email)
        self.set_up_mail()
        self.set_up_people()
        # Another walk's worker was away at other times.
        Absence.objects.all().delete()
        Round.objects.all().delete()
        self.spare = ""
        if self.random.random() < 0.5:
            self.spare = f"spare.{person.email}"
            proven = start - 30 * DAY
            person.account.recovery_addresses.create(
                address=self.spare, address_key=self.spare, added_at=proven, proven_at=proven
            )
        self.steps: list[tuple[int, Callable[[], None]]] = [
            (4, self.ask),
            (7, self.prove),
            (4, self.type_proof_code),
            (2, self.enter_code),
            (1, self.enter_wrong_code),
            (1, self.veto),
            (1, self.withdraw),
            (2, self.send_code_again),
            (1, self.send_proof_again),
            (5, self.press_undo),
            (3, self.confirm_undo),
            (14, self.let_time_pass),
            (2, self.worker_is_away),
            (2, self.break_or_mend_the_mail),
            (1, self.refuse_or_take_mail),
            (2, self.put_off_or_take_mail),
            (1, self.freeze_or_thaw),
            (1, self.scan),
        ]

    def step(self) -> str:
        weights = [weight for weight, _work in self.steps]
        (_weight, work), *_ = self.random.choices(self.steps, weights)
        work()
        self.run_worker()
        self.compare(work.__name__)
        return work.__name__

    def freeze_or_thaw(self) -> None:
        self.model.frozen = not self.model.frozen
        state = Account.State.FROZEN if self.model.frozen else Account.State.ACTIVE
        Account.objects.filter(pk=self.account_id).update(state=state)

    def let_time_pass(self) -> None:
        """Let minutes or days go by, the worker at work in between."""
        much = self.random.choice([0.2, 1, 3.9, 4.1, 12, 20.1, 24.1, 72, 170])
        end = self.now + timedelta(hours=much)
        while self.now < end:
            # A round each time; that a worker lives is noted more often than it has work here.
            until = min(end, self.now + timedelta(hours=self.random.choice([0.5, 2, 5])))
            while self.now < until:
                self.now = min(until, self.now + 0.9 * HOUR)
                self._worker_lives()
            self.run_worker()

    def worker_is_away(self) -> None:
        self.now += self.random.choice([0.9, 1, 5, 30, 200]) * HOUR

    # What the machine does by itself.

    def run_worker(self) -> None:
        self._worker_lives()
        effect.thaw_due(now=self.now)
        if self.model.open and not self.model.frozen:
            self.model.open.frozen = False
        for work in self.random.sample([self._apply, self._remind, self._prompt, self._lapse], 4):
            work()
        self.deliver()

    def _worker_lives(self) -> None:
        lapsing.note_round(now=self.now)
        self.model.worker_looks(self.now)

    def _apply(self) -> None:
        request = self.model.open
        due = request.due_at() if request else None
        for _worker in range(2):
            effect.apply_due(now=self.now)
        if request is not None and due is not None and due <= self.now:
            self._effect_or_wait(request)

    def _remind(self) -> None:
        reminding.remind_due(now=self.now)

    def _prompt(self) -> None:
        request = self.model.open
        reminding.prompt_due(now=self.now)
        if request is None or request.proven_at is not None:
            return
        due = request.prompts_due(self.now)
        if due > request.prompts:
            request.prompts = due
            if not self.model.proof_mails.spent(self.now) and not request.to_new.spent(self.now):
                request.proofs_made += 1
                self._use_proof_mail(request)

    def _lapse(self) -> None:
        request = self.model.open
        lapsing.lapse_due(now=self.now)
        row = Change.objects.get(pk=request.number) if request else None
        if request is None or row is None:
            return
        over = request.over(self.model.away, self.now)
        if request.due_at() is None:
            assert (row.state == "lapsed") is over, (row.lapses_at, self.now, self.model)
        if row.state == "lapsed":
            assert over
            self._end(request, "lapsed")

    # What must be true after each step.

    def compare(self, after: str) -> None:
        account = Account.objects.get(pk=self.person.account.pk)
        assert account.email == self.model.address, after
        rows = {row.pk: row.state for row in Change.objects.filter(account=account)}
        expected = {one.number: one.state for one in self.model.requests}
        assert rows == expected, (after, rows, self.now, self.model)
