"""
Whose failures count where: before the hash it is asked, after it is counted.

Failures of browsers an account knows are counted apart from strangers', whatever network they are
in, so that these never lock the owner out. Strangers wait by the name they type, however spelt,
whether anybody is called that: somebody who tries an identifier and an address must not learn that
they are one account's. After
some failures in a row each waits longer; a hundred for the account, by whatever name, close the
password to unknown browsers, and a mailed link opens one of them for an hour (``openings``). That
it is closed is said only of a name that was itself typed so often; under any other name of the
account the right password is answered as a wrong one, for the same reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts import credentials
from nichandle.identity.accounts.credentials import Credential
from nichandle.identity.signin.authentication import failures
from nichandle.identity.signin.recognition import browsers
from nichandle.platform.kernel.database import Statement, run_together
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.limits.catalogue import LimitName
from nichandle.platform.limits.operations import Spent, forgetting, look, spending

LONGEST_NAME = 300
"""More than any address has: what is longer is nobody's."""
WORTH_A_MAIL = 3
"""So many failures before a success are told."""
LATELY = timedelta(hours=24)


class PasswordClosed(Refused):
    """The same for known and unknown: it says only what anybody could count."""

    code = "signin.password_closed"
    message = _(
        "After too many failures the password is closed to new browsers. Receive a link that opens "
        "this one, or use a passkey."
    )
    status = 429


@dataclass(frozen=True, slots=True)
class Asked:
    """By what one try is counted; ``who`` has its failures in the ledger, or is nobody."""

    who: UUID
    account: str
    name: str
    network: str
    browser: str | None

    @property
    def wanted(self) -> tuple[tuple[LimitName, str], ...]:
        """All that is looked at, the same for everybody."""
        return (
            ("signin.network", self.network),
            ("signin.browser", _of_browser(self.account, self.browser)),
            ("signin.typed", self.name),
            ("signin.account", self.account),
        )


@dataclass(frozen=True, slots=True)
class TryAllowed:
    """
    A try that may be made: where it counts if it fails, and what was counted before it.

    ``closed`` when it will fail whatever the password; ``forgets`` when a success has failures of
    its own browser to forget.
    """

    asked: Asked
    knows_browser: bool
    failures: int
    last_at: datetime | None
    closed: bool = False
    forgets: bool = False

    def worth_a_mail(self, now: datetime) -> bool:
        lately = self.last_at is not None and now - self.last_at < LATELY
        return lately and self.failures >= WORTH_A_MAIL


def asked(
    candidate: Credential | None, identifier: str, *, browser: str | None, origin: Origin
) -> Asked:
    """Return by what a try is counted; the unknown by the same counters as the known."""
    name = credentials.name_of(identifier)[:LONGEST_NAME]
    account = str(candidate.account_id) if candidate else f"typed {name}"
    who = candidate.account_id if candidate else failures.nobody(account)
    return Asked(who, account, name, origin.network, browser)


def allow(asked: Asked, spent: Mapping[str, Spent], *, knows_browser: bool) -> TryAllowed:
    """
    Let a try be made, by what has been spent of ``asked.wanted``.

    What strangers have tried is looked at in a known browser too: a success after it is told.

    :raises PasswordClosed: after a hundred failures in a row under the name that was typed
    :raises Exhausted: while a wait runs, or when the network has failed too often
    """
    own = "signin.browser" if knows_browser else "signin.typed"
    for name in (own,) if knows_browser else ("signin.network", own):
        refusal = spent[name].refusal if name in spent else None
        if refusal is not None:
            raise PasswordClosed if refusal.closed else refusal
    return _allowance(asked, spent, own)


def before_passkey(account_id: UUID, browser: str | None, *, now: datetime) -> TryAllowed:
    """Return what was counted before a sign-in that asks for no password; one statement."""
    asked = Asked(account_id, str(account_id), "", "", browser)
    wanted = [one for one in asked.wanted if one[0] in {"signin.browser", "signin.account"}]
    return _allowance(asked, look(*wanted, now=now), "signin.browser")


def _allowance(asked: Asked, spent: Mapping[str, Spent], own: str) -> TryAllowed:
    knows_browser = own == "signin.browser"
    counted = [spent[name] for name in (own, "signin.account") if name in spent]
    before = max(counted, key=lambda one: one.count, default=None)
    forgets = "signin.browser" in spent
    if before is None:
        return TryAllowed(asked, knows_browser, 0, None, forgets=forgets)
    strangers = spent["signin.account"].refusal if "signin.account" in spent else None
    closed = not knows_browser and strangers is not None and strangers.closed
    return TryAllowed(asked, knows_browser, before.count, before.at, closed, forgets)


def failures_to_tell(account_id: UUID, allowance: TryAllowed, now: datetime) -> int:
    """Return how many failures came since the last sign-in, when they are worth telling."""
    if not allowance.worth_a_mail(now):
        return 0
    told = browsers.signed_in_since(account_id, allowance.last_at)
    return 0 if told else allowance.failures


def count_failure(allowance: TryAllowed, now: datetime) -> None:
    """Count a failure, for browser or network, name and account, and ledger; one round trip."""
    asked = allowance.asked
    if allowance.knows_browser:
        key = _of_browser(asked.account, asked.browser)
        counted = [spending("signin.browser", key=key, now=now)]
    else:
        counted = [
            spending("signin.network", key=asked.network, now=now),
            spending("signin.typed", key=asked.name, now=now),
            spending("signin.account", key=asked.account, now=now),
        ]
    run_together([*counted, failures.counting(asked.who, now=now)])


def succeeded(account_id: UUID, browser: str | None) -> Statement:
    """Return the statement by which a success forgets its own browser's failures, only those."""
    return forgetting("signin.browser", key=_of_browser(account_id, browser))


def _of_browser(account: UUID | str, browser: str | None) -> str:
    return f"{account} {browser}"
