"""Recovery codes: ten, of 69 bits each, shown once and kept as hashes."""

import re
import secrets
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from nichandle.identity.factors.models import RecoveryCode
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.codes import letters_and_digits
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.errors import Refused

COUNT = 10
LENGTH = 16
"""Letters of a code: NIST SP 800-63B-4, section 4.2.1.1, asks for 64 bits at least."""
GROUP = 4
_CODE = re.compile(rf"[{tokens.CODE_LETTERS}]{{{LENGTH}}}")


class RecoveryCodeUnreadable(Refused):
    """It cannot be a recovery code at all, so nothing was guessed: no try is spent."""

    code = "factors.recovery_code_unreadable"
    message = _(
        "This cannot be a recovery code: one has sixteen letters, such as BCDF-GHJK-LMNP-QRST."
    )
    field = "code"


def replace_all(account_id: UUID, *, at_creation: bool, now: datetime) -> list[str]:
    """Make a new set and return it; the set before is void. The caller holds the account's row."""
    codes = [_new() for _ in range(COUNT)]
    RecoveryCode.objects.filter(account_id=account_id).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(
            account_id=account_id,
            key=tokens.key_name(),
            digest=tokens.code_digest(code, _purpose(account_id)),
            at_creation=at_creation,
            created_at=now,
        )
        for code in codes
    )
    return codes


def find(account_id: UUID, typed: str) -> RecoveryCode | None:
    """
    Return the unused code of the account that was typed, its row locked; else None.

    :raises RecoveryCodeUnreadable: when it can be none of anybody's; not to be counted
    """
    code = normalise(typed)
    if code is None:
        raise RecoveryCodeUnreadable
    # Made, maybe years ago, with a secret that has a successor since.
    digests = tokens.code_digests(code, _purpose(account_id)).values()
    rows = RecoveryCode.objects.filter(account_id=account_id, digest__in=digests, used_at=None)
    return locked(rows).first()


def normalise(typed: str) -> str | None:
    """Bring a typed code to ``XXXX-XXXX-XXXX-XXXX``; None when it cannot be one."""
    letters = letters_and_digits(typed)
    return _grouped(letters) if _CODE.fullmatch(letters) else None


def written_set(codes: list[str]) -> list[str] | None:
    """Return what may be a set of codes, as it is written; None when it cannot be one."""
    found = [normalise(code) for code in codes]
    written = [code for code in found if code]
    return written if len(found) == len(written) == COUNT else None


def _new() -> str:
    return _grouped("".join(secrets.choice(tokens.CODE_LETTERS) for _ in range(LENGTH)))


def _grouped(letters: str) -> str:
    return "-".join(letters[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def _purpose(account_id: UUID) -> str:
    return f"recovery code {account_id}"
