"""What the people of a random walk do, each time beside what the model says must come of it."""

from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import UUID

from nichandle.identity.emailchange import operations
from nichandle.identity.emailchange.errors import (
    ApprovedAlready,
    ChangeCodeWrong,
    ChangeSentOften,
    CodesSpent,
    NoOpenChange,
    ProofCodeWrong,
    ProofElsewhere,
    ProofLinkNotValid,
    ProvenAlready,
    UndoCodeWrong,
    UndoLinkNotValid,
    VetoLinkNotValid,
)
from nichandle.identity.emailchange.outcome import endings
from nichandle.identity.emailchange.outcome.proving import prove_by_code, prove_by_link
from nichandle.identity.emailchange.outcome.undo import confirm, undo
from nichandle.identity.emailchange.tests.walk_mail import Mailboxes
from nichandle.identity.emailchange.tests.walk_model import DAY, Request
from nichandle.identity.pauses.operations import Paused
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.origin import NOWHERE
from nichandle.platform.limits.errors import Exhausted

ASKER = "the browser that asks"


class People(Mailboxes):
    """The owner, and whoever reads their mails."""

    def set_up_people(self) -> None:
        self.names = count(1)

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

    def ask(self) -> None:
        address = f"n{next(self.names)}.{self.person.email.partition('@')[0]}@new.example"
        if self.model.open and self.random.random() < 0.7:
            return
        expected: type[Refused] | None = None
        if self.model.paused(self.now):
            expected = Paused
        elif self.model.asked.spent(self.now) or self.model.proof_mails.spent(self.now):
            expected = Exhausted
        change = self.expect(
            expected,
            lambda: operations.request_change(
                account_id=self.account_id,
                address=address,
                browser=ASKER,
                act=Act.by_itself(self.now),
            ),
        )
        if change is None:
            return
        self.model.asked.use(self.now)
        if self.model.open:
            self._end(self.model.open, "replaced")
        request = Request(change.pk, self.model.address, address, self.now)
        self._use_proof_mail(request)
        self.model.requests.append(request)

    def _use_proof_mail(self, request: Request) -> None:
        self.model.proof_mails.use(self.now)
        request.to_new.use(self.now)

    def prove(self) -> None:
        """Press a proof link, in the browser that asked or in another."""
        request, secret = self.model.open, self.a_secret("proof")
        if secret is None:
            return
        browser = self.random.choice([ASKER, ASKER, "of somebody else", None])
        newest = request is not None and len(request.proofs_read) == request.proofs_made
        mine = newest and request.proofs_read[-1] == secret and request.proven_at is None
        elsewhere = None if browser == ASKER else ProofElsewhere
        visit = Visit(NOWHERE, self.now, browser=browser)
        done = self.expect(
            elsewhere if mine else ProofLinkNotValid,
            lambda: prove_by_link(secret=secret, account_id=self.account_id, visit=visit),
        )
        if done is not None:
            self._proven(request)

    def type_proof_code(self) -> None:
        """Type a code of the newest mails to new addresses, which may be void."""
        codes = [code for one in self.model.requests for code in one.proof_codes_read]
        request = self.model.open
        if not codes:
            return
        code, window = self.random.choice(codes[-3:]), self.model.wrong_proof_codes
        newest = request is not None and len(request.proof_codes_read) == request.proofs_made
        expected: type[Refused] | None = None
        if window.spent(self.now):
            expected = Exhausted
        elif request is None:
            expected = NoOpenChange
        elif request.proven_at is None and not (newest and request.proof_codes_read[-1] == code):
            expected = ProofCodeWrong
            window.use(self.now)
        before = request.proven_at if request else None
        act = Act.by_itself(self.now)
        done = self.expect(
            expected,
            lambda: prove_by_code(account_id=self.account_id, code=code, key=None, act=act),
        )
        if done is not None and before is None:
            self._proven(request)

    def _proven(self, request: Request) -> None:
        request.proven_at = self.now
        if request.code_at is not None:
            self._effect_or_wait(request)

    def enter_code(self) -> None:
        """Type the newest code there is, which may be of another request, or of none any more."""
        found = self.newest_code()
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
        secret, request = self.a_secret("veto"), self.model.open
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
        elif request.proofs_asked > 3:
            expected = ChangeSentOften
        elif self.model.proof_mails.spent(self.now) or request.to_new.spent(self.now):
            expected = Exhausted
        self.expect(
            expected,
            lambda: operations.send_proof_again(
                account_id=self.account_id, act=Act.by_itself(self.now)
            ),
        )
        if expected is None:
            # What was made and is not mailed yet is left unmade: the newest one is mailed alone.
            request.proofs_made += 1
            request.proofs_asked += 1
            self._use_proof_mail(request)

    def press_undo(self) -> None:
        """Press the undo of one of the changes, an old one perhaps."""
        done = [one for one in self.model.requests if one.state in ("done", "undone")]
        if not done:
            return
        chosen = self.random.choice(done)
        secret = self.undo_of(chosen)
        if secret is None:
            return
        expected: type[Refused] | None = None
        if not self._undoable(chosen):
            expected = UndoLinkNotValid
        elif chosen.code_at is not None and chosen.undo_codes_spent(self.now):
            expected = ChangeSentOften
        outcome = self.expect(expected, lambda: undo(secret=secret, act=Act.by_itself(self.now)))
        if expected is not UndoLinkNotValid and chosen.code_at is not None:
            # Each press pauses anew, until it is decided whose address it is.
            self.model.contested.add(chosen.number)
            self.model.undecided.add(chosen.old)
            self.model.contest(self.now + 3 * DAY)
        if outcome is None:
            return
        # After a code the old mailbox alone only pauses, and a recovery address may confirm.
        assert outcome.restored == (chosen.code_at is None)
        assert outcome.by_code == (not outcome.restored and bool(self.spare))
        if outcome.restored:
            self._restore(chosen)
            return
        if self.spare:
            chosen.undo_codes_made.append(self.now)

    def confirm_undo(self) -> None:
        """Type the newest code that a recovery address had for the undo of one of the changes."""
        done = [one for one in self.model.requests if one.undo_codes_read]
        if not done:
            return
        chosen = self.random.choice(done)
        secret = self.undo_of(chosen)
        code, made_at = chosen.undo_codes_read[-1]
        newest = len(chosen.undo_codes_read) == len(chosen.undo_codes_made)
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
        later = [one for one in self.model.requests if one.number >= chosen.number]
        self.model.undecided -= {chosen.old, *(one.new for one in later if one.state == "done")}
        if chosen.number not in self.model.contested or not self.model.contest_runs(self.now):
            self.model.contest(self.now + 3 * DAY)
        if self.model.open:
            self._end(self.model.open, "refused")
        for one in self.model.requests[self.model.requests.index(chosen) :]:
            if one.state == "done":
                one.state = "undone"
                self.give_up(one.new)
        self.model.address = chosen.old

    def _effect_or_wait(self, request: Request) -> None:
        if self.model.frozen:
            request.frozen = True
        elif not self.model.paused(self.now):
            self.take_effect(request)

    def take_effect(self, request: Request) -> None:
        request.state, request.ended_at = "done", self.now
        self.model.address = request.new
        self.give_up(request.old)
        if request.code_at is None:
            self.model.pause(self.now + 7 * DAY)

    def _end(self, request: Request, state: str) -> None:
        request.state, request.ended_at = state, self.now
