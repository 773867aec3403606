"""Who is meant: what was typed on the sign-in page, resolved to at most one account."""

from nichandle.accounts import credentials
from nichandle.accounts.credentials import Credential
from nichandle.handles import queries as handles
from nichandle.kernel import addresses, text


def find(identifier: str) -> Credential | None:
    """
    Resolve an identifier, an alias or a primary address; None when it names no open account.

    One statement whatever was typed. An exact match wins over a forgiving one; an input that could
    mean two accounts names none.
    """
    typed = identifier.strip()
    if "@" in typed:
        found = credentials.by_address(addresses.key(typed))
        return found[0] if found else None
    ranks = handles.keys_for(typed)
    rows = credentials.by_handle([key for rank in ranks for key in rank])
    return handles.choose(ranks, rows, key=lambda row: row.key, meaning=lambda row: row.account_id)


def allowance(
    candidate: Credential | None, identifier: str, known_browser: str | None
) -> tuple[str, str]:
    """
    Name the limit and key under which failures are counted.

    By account, whatever was typed; a browser known to the account apart from strangers; the
    unknown under their folded text.
    """
    if candidate is None:
        return "signin.account", f"typed {text.fold(identifier)[:100]}"
    if known_browser is not None:
        return "signin.browser", f"{candidate.account_id} {known_browser}"
    return "signin.account", str(candidate.account_id)
