"""Ending a pause early with a factor that is older than its cause."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.queries import lock_account
from nichandle.identity.cases.review.decisions import settle_contests
from nichandle.identity.factors.answers import Answer
from nichandle.identity.pauses import operations as pauses
from nichandle.identity.pauses.queries import all_running
from nichandle.identity.signin.credentials.enrolment import proven
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.platform.kernel.counted import counting
from nichandle.platform.kernel.errors import Refused


class FactorTooYoung(Refused):
    code = "pause.factor_too_young"
    message = _("Only a factor that was established before can shorten the pause.")
    field = "code"


def lift_with_factor(account_id: UUID, *, answer: Answer, visit: Visit) -> None:
    """
    End the running pauses with a factor that was established before their causes.

    Where a case was to find out whose account it is, the factor says so: it is closed.

    :raises NoPause: when none runs
    :raises FactorTooYoung: for a factor set up since, or shortly before
    :raises ProofWrong, KeyCloned: counted
    :raises Exhausted: after too many wrong proofs
    """
    with counting():
        lock_account(account_id)
        running = all_running(account_id, now=visit.now)
        if not running:
            raise pauses.NoPause
        proof = proven(account_id, answer, visit=visit)
        if not proof.established_before(min(pause.caused_at for pause in running)):
            raise FactorTooYoung
        # It settles, too, what reviewers were to find out.
        settle_contests(account_id, act=visit)
        pauses.lift(account_id=account_id, act=visit)
