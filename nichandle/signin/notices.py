"""Which sign-ins are told by mail: from a browser or a network not seen on the account before."""

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
class Novelty:
    """What is new about a sign-in; the very first one is compared with nothing."""

    browser: bool
    network: bool

    @property
    def worth_a_mail(self) -> bool:
        return self.browser or self.network


def novelty(account_id: UUID, *, browser: str | None, origin: Origin) -> Novelty:
    """Compare a sign-in with those before it; one statement."""
    account = stored_uuid(account_id)
    parameters = [account, account, _digest(browser), account, origin.network]
    found = fetch_one(_KNOWN, parameters)
    assert found is not None
    seen, same_browser, same_network = found
    return Novelty(browser=bool(seen and not same_browser), network=bool(seen and not same_network))


def remembering(account_id: UUID, *, browser: str, origin: Origin, now: datetime) -> Statement:
    """Return the statement that makes a browser and its network known to an account."""
    at = stored_time(now)
    return _REMEMBER, [stored_uuid(account_id), _digest(browser), origin.network, at, at]


def _digest(browser: str | None) -> str:
    return tokens.digest(browser) if browser else ""
