"""A sign-in that is complete: its session opens, it leaves its trace, its owner is told."""

from dataclasses import dataclass
from uuid import UUID

from nichandle.identity.signin import mails
from nichandle.identity.signin.authentication import allowances
from nichandle.identity.signin.recognition import networks
from nichandle.identity.signin.recognition.browsers import SeenBefore
from nichandle.identity.signin.sessions.opening import NewSession, Visit, new_session, opening_rows
from nichandle.platform.audit.operations import End, recording
from nichandle.platform.kernel.database import Statement, run_together


@dataclass(frozen=True, slots=True)
class Entered:
    """A sign-in that succeeded: whose, and the session that it opened."""

    account_id: UUID
    opening: bool
    session: NewSession


def admit(
    account_id: UUID,
    seen: SeenBefore,
    visit: Visit,
    *,
    stay: bool,
    opening: bool,
    fresh: bool = True,
    end: End | None = None,
    caused_by: str = "",
    **details: str,
) -> Entered:
    """
    Open the session of a sign-in that is complete, leave its trace, and tell of a new place.

    Call it inside the transaction that made sure of that. It is ``fresh`` unless a factor is set
    up and was not asked for. ``details`` go into the ledger, whose ``end`` it may have locked.
    ``caused_by`` is the address whose mailed code was used, if one.
    """
    session = new_session(stay=stay, browser=visit.browser, now=visit.now, fresh=fresh)
    run_together(admitting(session, account_id, visit, end, forgets=True, **details))
    if seen.outside:
        networks.suspend(account_id, caused_by=caused_by, act=visit)
    if seen.worth_a_mail and not opening:
        mails.signed_in(account_id, seen, act=visit)
    return Entered(account_id, opening, session)


def admitting(
    session: NewSession,
    account_id: UUID,
    visit: Visit,
    end: End | None,
    *,
    forgets: bool,
    **details: str,
) -> list[Statement]:
    """
    Return the statements by which a complete sign-in opens its session and leaves its trace.

    Without ``end`` the ledger is read and locked first. ``forgets`` where this browser may have
    failures to forget.
    """
    entry = recording(
        "signin.succeeded",
        account_id=account_id,
        act=visit,
        end=end,
        **details,
    )
    forgetting = [allowances.succeeded(account_id, session.browser)] if forgets else []
    return [*opening_rows(session, account_id, visit), *entry, *forgetting]
