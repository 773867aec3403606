"""
Signing in by three messages to the database (ADR 11): who, what is known and allowed, enter.
Where its owner is told of it by mail, by four.

``operations.sign_in`` is the rule, and here is how its database work is packed. ``look`` asks in
one message, before the hash, all that the rule wants to know. Where nothing else is to be done,
``enter`` opens the session by one message more. It leaves out no check: guards stand before the
statements that open, and make sure that what was looked at is still so. Where a guard fails, the
rule goes its longer way under locks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from nichandle.identity.accounts import credentials, letterhead
from nichandle.identity.accounts.credentials import Credential
from nichandle.identity.signin import mails
from nichandle.identity.signin.authentication.admission import Entered, admitting
from nichandle.identity.signin.authentication.allowances import Asked
from nichandle.identity.signin.recognition import browsers
from nichandle.identity.signin.recognition.browsers import SeenBefore
from nichandle.identity.signin.sessions.opening import Visit, new_session
from nichandle.platform.audit.operations import End, reading, still_ending
from nichandle.platform.kernel.database import fetch_together, run_if
from nichandle.platform.limits.operations import Spent, looking, read

ENABLED = True
"""Tests switch it off and go the longer way, which ends alike and takes more round trips."""
NOBODY = UUID(int=0)
"""Stands for the account nobody has, so that the unknown takes the same statements."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known before the hash: where it comes from, what failed, where the ledger ends."""

    seen: SeenBefore
    spent: Mapping[str, Spent]
    end: End | None


def look(candidate: Credential | None, asked: Asked, visit: Visit) -> Known:
    """Return what is known of an account and of its failures; for the unknown just as well."""
    account_id = candidate.account_id if candidate else NOBODY
    seen, spent, ends = fetch_together(
        browsers.looking(account_id, browser=visit.browser, act=visit),
        looking(*asked.wanted),
        reading(account_id),
    )
    return Known(browsers.read(seen), read(spent, now=visit.now), ends.first_as(End))


def enter(
    candidate: Credential,
    seen: SeenBefore,
    visit: Visit,
    *,
    stay: bool,
    end: End | None,
    forgets: bool,
) -> Entered | None:
    """
    Open the session by one message to the database; None when that takes more.

    More it takes where network rules are to rest, and where password, factors, browsers or ledger
    have changed while the password was checked. Call it where no second step is missing.
    ``forgets`` where this browser has failures to forget. Where its owner is told, one message
    before asks how to write to them, and the mail goes with the rest.
    """
    account_id = candidate.account_id
    if not ENABLED or end is None or seen.outside:
        return None
    fresh = not seen.factor
    session = new_session(stay=stay, browser=visit.browser, now=visit.now, fresh=fresh)
    guards = [
        credentials.locking_credential(candidate),
        still_ending(account_id, end),
        browsers.still(seen, account_id, browser=visit.browser, now=visit.now),
    ]
    statements = admitting(session, account_id, visit, end, forgets=forgets)
    if seen.worth_a_mail and not candidate.opening:
        reader = letterhead.reader(account_id)
        guards += [
            letterhead.still_reading(reader),
            browsers.still_new(seen, account_id, browser=visit.browser, act=visit),
        ]
        statements += mails.telling(reader, seen, act=visit)
    done = run_if(guards, statements)
    return Entered(account_id, candidate.opening, session) if done else None
