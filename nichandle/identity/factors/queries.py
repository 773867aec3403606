"""Reading factors, and the pieces of statements by which signing in asks for them."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from nichandle.identity.factors.models import (
    ESTABLISHED_AFTER,
    RecoveryCode,
    SecurityKey,
    Totp,
    TrustedBrowser,
)
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.database import Statement, stored_time, stored_uuid
from nichandle.platform.kernel.reading.questions import Question, answered, ask, question

# Signing in and every page ask for these beside what they read anyhow, in the same statement.
HAS_FACTOR = (
    "(EXISTS (SELECT 1 FROM factors_totp WHERE account_id = {account})"
    " OR EXISTS (SELECT 1 FROM factors_securitykey WHERE account_id = {account}))"
)
TRUSTED = (
    "EXISTS (SELECT 1 FROM factors_trustedbrowser"
    " WHERE account_id = %s AND digest = %s AND expires_at > %s)"
)


def trusted_parameters(account_id: UUID, browser: str | None, now: datetime) -> list[Any]:
    """Return what ``TRUSTED`` is filled with."""
    return [stored_uuid(account_id), tokens.digest(browser or ""), stored_time(now)]


@dataclass(frozen=True, slots=True)
class Factors:
    """All second factors of an account."""

    apps: list[Totp]
    keys: list[SecurityKey]
    codes_left: int
    codes_made_at: datetime | None
    codes_at_creation: bool = False

    @property
    def any(self) -> bool:
        """Whether signing in asks for a second step; recovery codes alone do not."""
        return bool(self.apps or self.keys)

    @property
    def count(self) -> int:
        return len(self.apps) + len(self.keys)

    @property
    def all(self) -> list[Totp | SecurityKey]:
        return [*self.apps, *self.keys]

    @property
    def methods(self) -> list[str]:
        """The ways in which they can be proven, the best known first."""
        keys = [key for key in self.keys if key.copied_at is None]
        owned = (("app", self.apps), ("key", keys), ("code", self.codes_left))
        return [method for method, some in owned if some]

    def without(self, factor: Totp | SecurityKey) -> "Factors":
        """Return what is left when one is taken away."""
        return replace(
            self,
            apps=[one for one in self.apps if one != factor],
            keys=[one for one in self.keys if one != factor],
        )

    def established_before(self, event: datetime) -> "Factors":
        """Return those that may act on something that happened: established by then."""
        made = self.codes_made_at
        old = made is not None and made < event
        old = old and (self.codes_at_creation or event - (made or event) >= ESTABLISHED_AFTER)
        return replace(
            self,
            apps=[one for one in self.apps if one.established_before(event)],
            keys=[one for one in self.keys if one.established_before(event)],
            codes_left=self.codes_left if old else 0,
        )

    def find(self, kind: str, pk: int) -> Totp | SecurityKey | None:
        """Return one factor of the account; None when it has no such one."""
        return next((one for one in self.all if (one.kind, one.pk) == (kind, pk)), None)


@question
def _apps(account_id: UUID) -> QuerySet[Totp]:
    return Totp.objects.filter(account_id=account_id).order_by("created_at", "pk")


@question
def _keys(account_id: UUID) -> QuerySet[SecurityKey]:
    return SecurityKey.objects.filter(account_id=account_id).order_by("created_at", "pk")


@question
def _codes(account_id: UUID) -> QuerySet[RecoveryCode]:
    return RecoveryCode.objects.filter(account_id=account_id).order_by("pk")


class FactorsAsked:
    """The questions after an account's factors, oldest first, to be asked with others."""

    def __init__(self, account_id: UUID) -> None:
        self.apps, self.keys, self.codes = _apps(account_id), _keys(account_id), _codes(account_id)

    @property
    def all(self) -> tuple[Question[Any], ...]:
        return self.apps, self.keys, self.codes

    @property
    def answer(self) -> Factors:
        rows, usable = self.codes.answer, {"", *tokens.key_names()}
        return Factors(
            apps=self.apps.answer,
            keys=self.keys.answer,
            codes_left=sum(row.used_at is None and row.key in usable for row in rows),
            codes_made_at=rows[0].created_at if rows else None,
            codes_at_creation=bool(rows and rows[0].at_creation),
        )


def factors_of(account_id: UUID) -> Factors:
    """Return an account's factors, oldest first; one round trip."""
    asked = FactorsAsked(account_id)
    ask(*asked.all)
    return asked.answer


def has_factor_asked(account_id: UUID) -> Question[bool]:
    """Ask whether an account has an app or a key."""
    return Question(asking_for_factor(account_id), lambda rows: bool(rows[0][0]))


def has_factor(account_id: UUID) -> bool:
    """Return what ``has_factor_asked`` asks for."""
    return answered(has_factor_asked(account_id))


def asking_for_factor(account_id: UUID) -> Statement:
    """Return the statement of ``has_factor``, for a caller that sends several."""
    account = stored_uuid(account_id)
    return f"SELECT {HAS_FACTOR.format(account='%s')}", [account, account]


def trusted_browsers(account_id: UUID, *, now: datetime) -> list[TrustedBrowser]:
    """Return the browsers that an account trusts, the latest first."""
    rows = TrustedBrowser.objects.filter(account_id=account_id, expires_at__gt=now)
    return list(rows.order_by("-created_at"))
