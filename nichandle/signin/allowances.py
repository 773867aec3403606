"""
Whose failures count where: before the hash it is asked, after it is counted.

Failures of browsers an account knows are counted apart from strangers', so that these never lock
the owner out. The unknown is counted under its folded text, by the same statements. After some
failures in a row each waits longer; a hundred close the password to unknown browsers, and a mailed
link opens one of them for an hour (``openings``).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from nichandle.accounts.credentials import Credential
from nichandle.kernel import text
from nichandle.kernel.database import Statement, run_together
from nichandle.kernel.errors import Refused
from nichandle.kernel.origin import Origin
from nichandle.limits.operations import forgetting, look, spending
from nichandle.signin import failures

WORTH_A_MAIL = 3
"""So many failures before a success are told."""
LATELY = timedelta(hours=24)


class PasswordClosed(Refused):
    """The same for known and unknown: it says only what anybody could count."""

    code = "signin.password_closed"
    message = _(
        "After 100 failures the password is closed to new browsers. Receive a link that opens "
        "this one, or use a passkey."
    )
    status = 429


@dataclass(frozen=True, slots=True)
class Allowance:
    """Where the failures of one try count, and what was counted before it."""

    who: UUID
    name: str
    key: str
    failures: int
    last_at: datetime | None

    def worth_a_mail(self, now: datetime) -> bool:
        lately = self.last_at is not None and now - self.last_at < LATELY
        return lately and self.failures >= WORTH_A_MAIL


def allow(
    candidate: Credential | None,
    identifier: str,
    *,
    browser: str | None,
    origin: Origin,
    now: datetime,
) -> Allowance:
    """
    Let a try be made; ``browser`` is the secret of one that the account knows, else None.

    One statement. What strangers have tried is looked at too: a success after it is told.

    :raises PasswordClosed: after a hundred failures in a row
    :raises Exhausted: while a wait runs, or when the network has failed too often
    """
    account = str(candidate.account_id) if candidate else f"typed {text.fold(identifier)[:100]}"
    own = ("signin.browser", f"{account} {browser}") if browser else ("signin.account", account)
    network = ("signin.network", origin.network)
    spent = look(network, own, ("signin.account", account), now=now)
    for name in ("signin.network", own[0]):
        refusal = spent[name].refusal if name in spent else None
        if refusal is not None:
            raise PasswordClosed if refusal.closed else refusal
    before = max(
        (spent[name] for name in {own[0], "signin.account"} if name in spent),
        key=lambda one: one.count,
        default=None,
    )
    who = candidate.account_id if candidate else failures.nobody(account)
    return Allowance(who, *own, before.count if before else 0, before.at if before else None)


def count_failure(allowance: Allowance, origin: Origin, now: datetime) -> None:
    """Count a failure, for the network, the account or browser, and the ledger; one round trip."""
    if allowance.name == "signin.browser":
        counted = spending("signin.browser", key=allowance.key, now=now)
    else:
        counted = spending("signin.account", key=allowance.key, now=now)
    network = spending("signin.network", key=origin.network, now=now)
    run_together([network, counted, failures.counting(allowance.who, now=now)])


def succeeded(account_id: UUID, browser: str | None) -> Statement:
    """Return the statement by which a success forgets its own browser's failures, only those."""
    return forgetting("signin.browser", key=f"{account_id} {browser}")
