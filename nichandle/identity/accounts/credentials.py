"""What signing in needs of an account: found in one statement, by address or by identifier."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from nichandle.identity.handles import queries as handles
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.database import (
    Statement,
    fetch_all,
    fetch_one,
    row_lock,
    stored_uuid,
)
from nichandle.platform.kernel.wording import text

_COLUMNS = (
    "SELECT a.id AS account_id, a.password, a.state, a.language, '' AS key FROM accounts_account a"
)
_BY_ADDRESS = f"{_COLUMNS} WHERE a.email_key = %s AND a.state <> 'closed'"
_BY_ID = f"{_COLUMNS} WHERE a.id = %s"
_BY_HANDLE = """
    SELECT a.id AS account_id, a.password, a.state, a.language, h.key AS key
      FROM handles_handle h
      JOIN accounts_account a ON a.handle_id = COALESCE(h.alias_of_id, h.id)
     WHERE h.key IN ({marks}) AND a.state <> 'closed'
"""


_LOCK = "SELECT 1 FROM accounts_account WHERE id = %s AND password = %s AND state <> 'closed'"


@dataclass(frozen=True, slots=True)
class Credential:
    """One open account's password hash, and by which key of an identifier it was found."""

    account_id: UUID
    password: str
    state: str
    language: str
    key: str

    @property
    def opening(self) -> bool:
        """Its details are not given yet."""
        return self.state == "opening"


def by_address(email_key: str) -> list[Credential]:
    """Return the account whose primary address has this key, as a list of none or one."""
    return _found(_BY_ADDRESS, [email_key])


def by_id(account_id: UUID) -> Credential:
    """Return the credential of an account whose owner is signed in."""
    (found,) = _found(_BY_ID, [str(stored_uuid(account_id))])
    return found


def by_handle(keys: Sequence[str]) -> list[Credential]:
    """Return the accounts that the keys of an identifier or alias open."""
    if not keys:
        # The statement is made all the same, so that nonsense takes as long as a good guess.
        keys = [""]
    return _found(_BY_HANDLE.format(marks=", ".join(["%s"] * len(keys))), keys)


def lock_credential(credential: Credential) -> bool:
    """
    Tell, with the account's row locked, whether its password is still the one checked.

    A change of password ends all sessions; one that opened in between would outlive it.
    """
    return fetch_one(*locking_credential(credential)) is not None


def locking_credential(credential: Credential) -> Statement:
    """Return the statement of ``lock_credential`` for a caller that sends several; no row is no."""
    parameters = [stored_uuid(credential.account_id), credential.password]
    return f"{_LOCK}{row_lock()}", parameters


def _found(sql: str, parameters: Sequence[str]) -> list[Credential]:
    return fetch_all(sql, list(parameters)).read_as(Credential)


def name_of(identifier: str) -> str:
    """
    Return what all spellings have in common of what was typed, whether anybody is called that.

    What signing in takes for the same has the same name here: failures of the unknown are counted
    as those of the known.
    """
    typed = addresses.typed(identifier)
    if "@" in typed:
        return addresses.key(typed)
    return handles.skeleton(typed) or text.fold(typed)
