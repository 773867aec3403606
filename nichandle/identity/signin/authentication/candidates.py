"""Who is meant: what was typed on the sign-in page, resolved to at most one account."""

from nichandle.identity.accounts import credentials
from nichandle.identity.accounts.credentials import Credential
from nichandle.identity.handles import queries as handles
from nichandle.platform.kernel import addresses


def find(identifier: str) -> Credential | None:
    """
    Resolve an identifier, an alias or a primary address; None when it names no open account.

    One statement whatever was typed. An exact match wins over a forgiving one; an input that could
    mean two accounts names none.
    """
    typed = addresses.typed(identifier)
    if "@" in typed:
        found = credentials.by_address(addresses.key(typed))
        return found[0] if found else None
    ranks = handles.keys_for(typed)
    rows = credentials.by_handle([key for rank in ranks for key in rank])
    return handles.choose(ranks, rows, key=lambda row: row.key, meaning=lambda row: row.account_id)
