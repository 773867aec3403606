"""Who is meant: what was typed on the sign-in page, resolved to at most one account."""

from nichandle.identity.accounts import credentials
from nichandle.identity.accounts.credentials import Credential
from nichandle.identity.handles import queries as handles
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.wording import text


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


def name_of(identifier: str) -> str:
    """
    Return what all spellings have in common of what was typed, whether anybody is called that.

    What ``find`` takes for the same has the same name here: failures of the unknown are counted
    as those of the known.
    """
    typed = addresses.typed(identifier)
    if "@" in typed:
        return addresses.key(typed)
    return handles.skeleton(typed) or text.fold(typed)
