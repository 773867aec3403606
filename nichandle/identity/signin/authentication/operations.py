"""Signing in: who is meant is settled first, then there is one hash, then the session."""

from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts import credentials, passwords
from nichandle.identity.accounts.credentials import Credential
from nichandle.identity.accounts.operations import renew_hash
from nichandle.identity.signin.authentication import allowances, candidates, challenges, fast
from nichandle.identity.signin.authentication.admission import Entered, admit
from nichandle.identity.signin.authentication.allowances import TryAllowed
from nichandle.identity.signin.authentication.challenges import Halfway
from nichandle.identity.signin.models import Challenge
from nichandle.identity.signin.recognition import browsers
from nichandle.identity.signin.recognition.browsers import SeenBefore
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.platform.audit.operations import End, locking
from nichandle.platform.kernel.database import fetch_together
from nichandle.platform.kernel.errors import Refused


class SigninFailed(Refused):
    """The same for an unknown identifier, a wrong password and a closed account."""

    code = "signin.failed"
    message = _("The identifier or the password is not right. Check both and try again.")
    counted = True


def sign_in(*, identifier: str, password: str, stay: bool, visit: Visit) -> Entered | Halfway:
    """
    Sign in with identifier, alias or primary address, and password.

    Find who is meant, allow the try, verify the password, judge where it comes from, enter. There
    is one hash, with a decoy for the unknown, so that known and unknown cost the same. Where a
    factor is set up, or the browser unknown, it is half done only: see ``second_step``.

    :raises SigninFailed: when it does not open an account; counted
    :raises PasswordClosed: after a hundred failures in a row under this name
    :raises Exhausted: after too many failures, or mailed codes; says when to try again
    """
    candidate = candidates.find(identifier)
    asked = allowances.asked(candidate, identifier, browser=visit.browser, origin=visit.origin)
    known = fast.look(candidate, asked, visit)
    own = known.seen.browser or known.seen.opened
    allowance = allowances.allow(asked, known.spent, knows_browser=own)
    # Where strangers' failures have closed it, the right password is answered as a wrong one.
    right = _verify(None if allowance.closed else candidate, password)
    if candidate is None or not right:
        allowances.count_failure(allowance, visit.now)
        raise SigninFailed
    seen = _judge(known.seen, candidate, allowance, visit)
    candidate = _renew(candidate, password)
    outcome = (
        seen.step
        # A quicker way where nothing else is to be done (ADR 11).
        or fast.enter(candidate, seen, visit, stay=stay, end=known.end, forgets=allowance.forgets)
        or _enter(candidate, seen, visit, stay=stay)
    )
    if isinstance(outcome, Entered):
        return outcome
    return _half(candidate, outcome, visit, stay=stay, failures=seen.failures)


def _verify(candidate: Credential | None, password: str) -> bool:
    if candidate is None:
        passwords.decoy(password)
        return False
    return passwords.verify(password, candidate.password)


def _judge(
    seen: SeenBefore, candidate: Credential, allowance: TryAllowed, visit: Visit
) -> SeenBefore:
    """Ask the network rules too, and what failed before, now that the password was right."""
    account_id = candidate.account_id
    seen = browsers.judged(seen, account_id, visit)
    failures = allowances.failures_to_tell(account_id, allowance, visit.now)
    return replace(seen, failures=failures) if failures else seen


def _renew(candidate: Credential, password: str) -> Credential:
    """Hash the password anew when its hash was made with other parameters than today's."""
    if not passwords.outdated(candidate.password):
        return candidate
    before = candidate.password
    encoded = renew_hash(account_id=candidate.account_id, password=password, before=before)
    return replace(candidate, password=encoded)


def _enter(
    candidate: Credential, seen: SeenBefore, visit: Visit, *, stay: bool
) -> Entered | Challenge.Step:
    """
    Open the session, or return the step that is missing since the password was checked.

    A factor has been set up meanwhile, the browser is no longer trusted, or no longer known.

    All is looked at with the account's row locked, each by a snapshot taken after that.

    :raises SigninFailed: when the password has been changed meanwhile
    """
    account_id = candidate.account_id
    with transaction.atomic():
        same, ends, latest = fetch_together(
            credentials.locking_credential(candidate),
            locking(account_id),
            browsers.looking(account_id, browser=visit.browser, act=visit),
        )
        if not same:
            raise SigninFailed(counted=False)
        still = browsers.read(latest)
        seen = replace(still, outside=seen.outside, notice=seen.notice, failures=seen.failures)
        if seen.step:
            return seen.step
        opening, end = candidate.opening, ends.first_as(End)
        fresh = not seen.factor
        return admit(account_id, seen, visit, stay=stay, opening=opening, fresh=fresh, end=end)


def _half(
    candidate: Credential, step: Challenge.Step, visit: Visit, *, stay: bool, failures: int
) -> Halfway:
    halfway = challenges.begin(candidate, step, visit, stay=stay, failures=failures)
    if halfway is None:
        raise SigninFailed(counted=False)
    return halfway
