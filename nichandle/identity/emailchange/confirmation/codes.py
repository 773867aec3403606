"""The code by which the current address approves a change: made, mailed, compared."""

from datetime import datetime

from nichandle.identity.accounts.models import Account
from nichandle.identity.emailchange import telling
from nichandle.identity.emailchange.models import Change
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.origin import Origin


def send(account: Account, change: Change, *, origin: Origin, now: datetime) -> None:
    """Mail a new code to the current address; the one before is void."""
    change.codes_sent += 1
    send_anew(account, change, origin=origin, now=now)


def send_anew(account: Account, change: Change, *, origin: Origin, now: datetime) -> None:
    """Mail a code in place of one that never left: it is not one of the few that may be asked."""
    code = tokens.mint_code()
    change.code_digest = tokens.code_digest(code, _purpose(change))
    change.save(update_fields=["codes_sent", "code_digest"])
    telling.send_code(account, change, code=code, origin=origin, now=now)


def fits(change: Change, code: str) -> bool:
    """Tell whether a code, as a person types it, is the newest that was mailed."""
    typed = tokens.normalise_code(code)
    if typed is None or not change.code_digest:
        return False
    return tokens.same(tokens.code_digest(typed, _purpose(change)), change.code_digest)


def _purpose(change: Change) -> str:
    return f"email change {change.pk} {change.codes_sent}"
