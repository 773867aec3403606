"""The browsers and networks an account knows: whose failures count apart, what is told by mail."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from nichandle.kernel import tokens
from nichandle.kernel.database import Statement, fetch_one, stored_time, stored_uuid
from nichandle.kernel.origin import Origin

# One statement, three looks into an index: the same work however many browsers there were.
_SEEN = "EXISTS (SELECT 1 FROM signin_knownbrowser WHERE account_id = %s"
_KNOWN = f"SELECT {_SEEN}), {_SEEN} AND digest = %s), {_SEEN} AND network = %s)"
_REMEMBER = """
    INSERT INTO signin_knownbrowser (account_id, digest, network, first_at, last_at)
    VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (account_id, digest, network) DO UPDATE SET last_at = EXCLUDED.last_at
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What an account has seen before: anything at all, this browser, this network."""

    anything: bool
    browser: bool
    network: bool

    @property
    def worth_a_mail(self) -> bool:
        """Whether its owner is told; the very first sign-in is compared with nothing."""
        return self.anything and not (self.browser and self.network)


def seen(account_id: UUID, *, browser: str | None, origin: Origin) -> Seen:
    """Compare where a sign-in comes from with those before it; one statement."""
    account = stored_uuid(account_id)
    parameters = [account, account, _digest(browser), account, origin.network]
    found = fetch_one(_KNOWN, parameters)
    assert found is not None
    return Seen(*map(bool, found))


def remembering(account_id: UUID, *, browser: str, origin: Origin, now: datetime) -> Statement:
    """Return the statement that makes a browser and its network known to an account."""
    at = stored_time(now)
    return _REMEMBER, [stored_uuid(account_id), _digest(browser), origin.network, at, at]


def _digest(browser: str | None) -> str:
    return tokens.digest(browser) if browser else ""
