"""Signing in and out: who is asking is settled first, then one hash, then the session."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts import credentials, passwords
from nichandle.identity.accounts.credentials import Credential
from nichandle.identity.accounts.operations import renew_hash
from nichandle.identity.signin import mails
from nichandle.identity.signin.authentication import allowances, candidates, challenges
from nichandle.identity.signin.authentication.challenges import Halfway
from nichandle.identity.signin.models import Challenge
from nichandle.identity.signin.recognition import browsers, networks
from nichandle.identity.signin.sessions.opening import NewSession, Visit, new_session, opening_rows
from nichandle.platform.audit.operations import (
    End,
    locking,
    reading,
    recording,
    still_ending,
)
from nichandle.platform.kernel.database import (
    Statement,
    fetch_together,
    run_if,
    run_together,
)
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.limits.operations import looking, read

NOBODY = UUID(int=0)
"""Stands for the account nobody has, so that the unknown takes the same statements."""


class SigninFailed(Refused):
    """The same for an unknown identifier, a wrong password and a closed account."""

    code = "signin.failed"
    message = _("The identifier or the password is not right. Check both and try again.")
    counted = True


@dataclass(frozen=True, slots=True)
class Entered:
    """A sign-in that succeeded: whose, and the session that it opened."""

    account_id: UUID
    opening: bool
    session: NewSession


def sign_in(
    *,
    identifier: str,
    password: str,
    stay: bool,
    origin: Origin,
    now: datetime,
    replaces: str | None = None,
    browser: str | None = None,
    half_done: str = "",
) -> Entered | Halfway:
    """
    Sign in with identifier, alias or primary address, and password.

    What was typed is resolved to an account before anything else; then there is one hash, with a
    decoy for the unknown, so that known and unknown cost the same. ``replaces`` is the key of the
    session the browser had, which ends; ``browser`` the secret by which the browser is known;
    ``half_done`` that of the sign-in which it has begun before.
    Where a factor is set up, or the browser unknown, it is half done only: see ``second_step``.

    :raises SigninFailed: when it does not open an account; counted
    :raises PasswordClosed: after a hundred failures in a row under this name
    :raises Exhausted: after too many failures, or mailed codes; says when to try again
    """
    candidate = candidates.find(identifier)
    visit = Visit(origin, now, replaces, browser, half_done)
    found, allowance, end = _before(candidate, identifier, visit)
    if not _right(None if allowance.closed else candidate, password) or candidate is None:
        allowances.count_failure(allowance, now)
        raise SigninFailed
    found = _judged(found, candidate.account_id, allowance, visit)
    candidate = _renewed(candidate, password)
    if entered := _at_once(candidate, found, visit, end, stay=stay, forgets=allowance.forgets):
        return entered
    outcome = found.step or _enter(candidate, found, visit, stay=stay)
    if isinstance(outcome, Entered):
        return outcome
    return _half(candidate, outcome, visit, stay=stay, failures=found.failures)


def admit(
    account_id: UUID,
    found: browsers.Seen,
    visit: Visit,
    *,
    stay: bool,
    opening: bool,
    end: End | None = None,
    **details: str,
) -> Entered:
    """
    Open the session of a sign-in that is complete, leave its trace, and tell of a new place.

    Call it inside the transaction that made sure of that. ``details`` go into the ledger, whose
    ``end`` it may have locked.
    """
    origin, now = visit.origin, visit.now
    session = new_session(stay=stay, browser=visit.browser, now=now)
    run_together(_entering(session, account_id, visit, end, forgets=True, **details))
    if found.outside:
        networks.suspend(account_id, origin=origin, now=now)
    if found.worth_a_mail and not opening:
        mails.signed_in(account_id, found, origin=origin, now=now)
    return Entered(account_id, opening, session)


def _renewed(candidate: Credential, password: str) -> Credential:
    """Hash the password anew when its hash was made with other parameters than today's."""
    if not passwords.outdated(candidate.password):
        return candidate
    before = candidate.password
    encoded = renew_hash(account_id=candidate.account_id, password=password, before=before)
    return replace(candidate, password=encoded)


def _judged(
    found: browsers.Seen, account_id: UUID, allowance: allowances.Allowance, visit: Visit
) -> browsers.Seen:
    """Ask the network rules too, and what failed before, once the password was right."""
    found = browsers.judged(found, account_id, visit.origin, visit.now)
    failures = failures_to_tell(account_id, allowance, visit.now)
    return replace(found, failures=failures) if failures else found


def failures_to_tell(account_id: UUID, allowance: allowances.Allowance, now: datetime) -> int:
    """Return how many failures came since the last sign-in, when they are worth telling."""
    if not allowance.worth_a_mail(now):
        return 0
    told = browsers.signed_in_since(account_id, allowance.last_at)
    return 0 if told else allowance.failures


def _before(
    candidate: Credential | None, identifier: str, visit: Visit
) -> tuple[browsers.Seen, allowances.Allowance, End | None]:
    """Return what the account has seen, the allowance of this try, and its ledger's end."""
    browser, origin, now = visit.browser, visit.origin, visit.now
    account_id = candidate.account_id if candidate else NOBODY
    asked = allowances.asked(candidate, identifier, browser=browser, origin=origin)
    (row,), spent, ends = fetch_together(
        browsers.looking(account_id, browser=browser, origin=origin, now=now),
        looking(*asked.wanted),
        reading(account_id),
    )
    found = browsers.read(row)
    own = found.browser or found.opened
    allowance = allowances.allow(asked, read(spent, now=now), knows_browser=own)
    return found, allowance, (ends[0][0], ends[0][1]) if ends else None


def _at_once(
    candidate: Credential,
    found: browsers.Seen,
    visit: Visit,
    end: End | None,
    *,
    stay: bool,
    forgets: bool,
) -> Entered | None:
    """
    Open the session by one message to the database; None when that takes more.

    More it takes where somebody is to be told, and where password, factors, browsers or ledger
    have changed while the password was checked.
    """
    account_id = candidate.account_id
    told = found.worth_a_mail and not candidate.opening
    if end is None or told or found.outside or found.step:
        return None
    session = new_session(stay=stay, browser=visit.browser, now=visit.now)
    guards = [
        credentials.holding(candidate),
        still_ending(account_id, end),
        browsers.still(found, account_id, browser=visit.browser, now=visit.now),
    ]
    done = run_if(guards, _entering(session, account_id, visit, end, forgets=forgets))
    return Entered(account_id, candidate.opening, session) if done else None


def _entering(
    session: NewSession,
    account_id: UUID,
    visit: Visit,
    end: End | None,
    *,
    forgets: bool,
    **details: str,
) -> list[Statement]:
    """Return the statements of a sign-in that is complete; the ledger is locked by the first."""
    entry = recording(
        "signin.succeeded",
        account_id=account_id,
        origin=visit.origin,
        now=visit.now,
        end=end,
        **details,
    )
    forgetting = [allowances.succeeded(account_id, session.browser)] if forgets else []
    return [*opening_rows(session, account_id, visit), *entry, *forgetting]


def _enter(
    candidate: Credential, found: browsers.Seen, visit: Visit, *, stay: bool
) -> Entered | Challenge.Step:
    """
    Open the session, or return the step that is missing since the password was checked.

    A factor has been set up meanwhile, the browser is no longer trusted, or no longer known.

    All is looked at with the account's row locked, each by a snapshot taken after that.

    :raises SigninFailed: when the password has been changed meanwhile
    """
    account_id = candidate.account_id
    with transaction.atomic():
        same, ends, (row,) = fetch_together(
            credentials.holding(candidate),
            locking(account_id),
            browsers.looking(account_id, browser=visit.browser, origin=visit.origin, now=visit.now),
        )
        if not same:
            raise SigninFailed
        seen = browsers.read(row)
        found = replace(seen, outside=found.outside, notice=found.notice, failures=found.failures)
        if found.step:
            return found.step
        end = (ends[0][0], ends[0][1]) if ends else None
        return admit(account_id, found, visit, stay=stay, opening=candidate.opening, end=end)


def _half(
    candidate: Credential, step: Challenge.Step, visit: Visit, *, stay: bool, failures: int
) -> Halfway:
    halfway = challenges.begin(candidate, step, visit, stay=stay, failures=failures)
    if halfway is None:
        raise SigninFailed
    return halfway


def _right(candidate: Credential | None, password: str) -> bool:
    if candidate is None:
        passwords.decoy(password)
        return False
    return passwords.verify(password, candidate.password)
