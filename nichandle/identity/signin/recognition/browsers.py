"""The browsers and networks an account knows: whose failures count apart, what is told by mail."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from nichandle.identity.factors.queries import HAS_FACTOR, TRUSTED, trusted_parameters
from nichandle.identity.signin.models import Challenge, KnownBrowser, OpenedBrowser
from nichandle.identity.signin.recognition import networks
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import Rows, Statement, fetch_all, stored_time, stored_uuid

# One statement, some looks into indexes: the same work however many browsers there were.
_BROWSERS = "SELECT 1 FROM signin_knownbrowser WHERE account_id = %s"
_OPENED = (
    "EXISTS (SELECT 1 FROM signin_openedbrowser"
    " WHERE account_id = %s AND digest = %s AND until > %s)"
)
_COLUMNS = {
    "anything": f"EXISTS ({_BROWSERS})",
    "browser": f"EXISTS ({_BROWSERS} AND digest = %s)",
    "network": f"EXISTS ({_BROWSERS} AND network = %s)",
    "factor": HAS_FACTOR.format(account="%s"),
    "trusted": TRUSTED,
    "opened": _OPENED,
    "always": "EXISTS (SELECT 1 FROM signin_notices WHERE account_id = %s)",
    "ruled": "EXISTS (SELECT 1 FROM signin_networkpolicy WHERE account_id = %s)",
}
_KNOWN = "SELECT " + ", ".join(f"{sql} AS {name}" for name, sql in _COLUMNS.items())
_STILL_TRUSTED = f"SELECT 1 WHERE {TRUSTED}"
_STILL_KNOWN = (
    f"SELECT 1 WHERE (EXISTS ({_BROWSERS} AND digest = %s) OR {_OPENED}"
    f" OR NOT EXISTS ({_BROWSERS}))"
    f" AND NOT {HAS_FACTOR.format(account='%s')}"
)
_TOLD = ("anything", "browser", "network", "always")
_STILL_NEW = "SELECT 1 WHERE " + " AND ".join(f"{_COLUMNS[name]} = %s" for name in _TOLD)
_REMEMBER = """
    INSERT INTO signin_knownbrowser (account_id, digest, network, first_at, last_at)
    VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (account_id, digest, network) DO UPDATE SET last_at = EXCLUDED.last_at
"""
FORGOTTEN = "forgotten"
"""Stands where a digest was: the account has signed in before, from browsers it knows no more."""


@dataclass(frozen=True, slots=True)
class SeenBefore:
    """
    What an account has seen before: anything at all, this browser, this network.

    And what decides about a second step: whether it has a factor, trusts this browser, has just
    opened it by a mailed link, or is knocked at from outside its network rules. ``failures`` were
    counted before this sign-in, if they are worth telling.
    """

    anything: bool
    browser: bool
    network: bool
    factor: bool
    trusted: bool
    opened: bool
    always: bool
    ruled: bool
    outside: bool = False
    notice: bool = False
    failures: int = 0

    @property
    def new_place(self) -> bool:
        """Whether browser or network are new; the very first sign-in is compared with nothing."""
        return self.anything and not (self.browser and self.network)

    @property
    def worth_a_mail(self) -> bool:
        """Whether its owner is told of this sign-in."""
        return self.new_place or self.always or self.notice or self.failures > 0

    @property
    def step(self) -> Challenge.Step | None:
        """What is missing after the right password; None when nothing is."""
        if self.factor:
            return None if self.trusted and not self.outside else Challenge.Step.FACTOR
        if self.outside and not self.opened:
            return Challenge.Step.CODE
        if self.browser or self.opened or not self.anything:
            return None
        return Challenge.Step.CODE


def seen(account_id: UUID, *, browser: str | None, act: Act) -> SeenBefore:
    """Compare where a sign-in comes from with those before it, and with the network rules."""
    rows = fetch_all(*looking(account_id, browser=browser, act=act))
    return judged(read(rows), account_id, act)


def looking(account_id: UUID, *, browser: str | None, act: Act) -> Statement:
    """Return the statement whose row ``read`` understands, for a caller that sends several."""
    account, digest = stored_uuid(account_id), _digest(browser)
    given = {
        "anything": [account],
        "browser": [account, digest],
        "network": [account, act.origin.network],
        "factor": [account, account],
        "trusted": trusted_parameters(account_id, browser, act.now),
        "opened": [account, digest, stored_time(act.now)],
        "always": [account],
        "ruled": [account],
    }
    return _KNOWN, [value for name in _COLUMNS for value in given[name]]


def read(rows: Rows) -> SeenBefore:
    """Return what the row of ``looking`` says; the network rules have not been asked yet."""
    (seen,) = rows.read_as(SeenBefore)
    return seen


def judged(found: SeenBefore, account_id: UUID, act: Act) -> SeenBefore:
    """
    Ask the network rules too, where there are some: two statements.

    Only once the password was right, or a wrong one would take longer where there are rules.
    """
    if not found.ruled:
        return found
    said = networks.verdict(account_id, act)
    return replace(found, outside=not said.allowed, notice=said.notice)


def still(found: SeenBefore, account_id: UUID, *, browser: str | None, now: datetime) -> Statement:
    """Return the statement that finds a row only while a browser needs no second step."""
    if found.factor:
        return _STILL_TRUSTED, trusted_parameters(account_id, browser, now)
    account, digest = stored_uuid(account_id), _digest(browser)
    parameters = [account, digest, account, digest, stored_time(now), account, account, account]
    return _STILL_KNOWN, parameters


def still_new(found: SeenBefore, account_id: UUID, *, browser: str | None, act: Act) -> Statement:
    """Return the statement that finds a row only while the same is to be told of a sign-in."""
    account, digest = stored_uuid(account_id), _digest(browser)
    return _STILL_NEW, [
        account, found.anything,
        account, digest, found.browser,
        account, act.origin.network, found.network,
        account, found.always,
    ]  # fmt: skip


def signed_in_since(account_id: UUID, moment: datetime | None) -> bool:
    """Tell whether a complete sign-in has come after a moment."""
    rows = KnownBrowser.objects.filter(account_id=account_id)
    return moment is not None and rows.filter(last_at__gt=moment).exists()


def remembering(account_id: UUID, *, browser: str, act: Act) -> Statement:
    """Return the statement that makes a browser and its network known to an account."""
    at = stored_time(act.now)
    return _REMEMBER, [stored_uuid(account_id), _digest(browser), act.origin.network, at, at]


def forget(account_id: UUID, *, but: str | None = None) -> None:
    """
    Forget the browsers of an account, all or all but one.

    That there were some is kept: an unknown browser is asked for more than the password.
    """
    OpenedBrowser.objects.filter(account_id=account_id).delete()
    rows = KnownBrowser.objects.filter(account_id=account_id).exclude(digest=_digest(but) or "-")
    _forget(rows)


def forget_since(account_id: UUID, since: datetime) -> None:
    """Forget the browsers first seen since then, as ``forget`` does."""
    OpenedBrowser.objects.filter(account_id=account_id).delete()
    rows = KnownBrowser.objects.filter(account_id=account_id, first_at__gte=since)
    _forget(rows)


def forget_before(moment: datetime) -> None:
    """
    Forget the browsers not seen since then; of an account that has no other, one stays behind.

    Otherwise an account that slept for a year would open to any browser with the password alone.
    """
    old = KnownBrowser.objects.filter(last_at__lt=moment)
    mine = KnownBrowser.objects.filter(account_id=OuterRef("account_id"))
    old.filter(Exists(mine.filter(last_at__gte=moment))).delete()
    old.filter(Exists(mine.filter(pk__gt=OuterRef("pk")))).delete()
    old.exclude(digest=FORGOTTEN).update(digest=FORGOTTEN, network="")


def open_for_a_while(account_id: UUID, *, browser: str | None, until: datetime) -> str:
    """
    Let a browser that has just used a mailed link sign in without a mailed code.

    Returns the secret by which it is known, a new one when it had none.
    """
    secret = browser or tokens.mint().secret
    OpenedBrowser.objects.update_or_create(
        account_id=account_id, digest=_digest(secret), defaults={"until": until}
    )
    return secret


def _forget(rows: QuerySet[KnownBrowser]) -> None:
    last = rows.order_by("-last_at", "-pk").first()
    if last is None:
        return
    rows.exclude(pk=last.pk).delete()
    if KnownBrowser.objects.filter(account_id=last.account_id).exclude(pk=last.pk).exists():
        last.delete()
    else:
        KnownBrowser.objects.filter(pk=last.pk).update(digest=FORGOTTEN, network="")


def _digest(browser: str | None) -> str:
    return tokens.digest(browser) if browser else ""
