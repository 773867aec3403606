"""The arithmetic of the chain: what a hash covers, and how a chain is proven."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from nichandle.audit.models import Entry
from nichandle.kernel import tokens


def canonical(details: dict[str, Any]) -> str:
    """Write details as the one JSON text that is stored and hashed."""
    return json.dumps(details, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def new_salt() -> str:
    return secrets.token_hex(16)


def details_digest(details: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}\n{details}".encode()).hexdigest()


def entry_hash(
    *, account_id: UUID, number: int, previous: str, act: str, at: datetime, digest: str
) -> str:
    """Hash what can never change of an entry."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    text = "\n".join((str(account_id), str(number), previous, act, moment, digest))
    return hashlib.sha256(text.encode()).hexdigest()


def sign(day: date, heads: str) -> str:
    """Sign one day's list of heads with the server's key."""
    return hmac.new(tokens.signing_key("anchors"), f"{day}\n{heads}".encode(), "sha256").hexdigest()


def first_fault(entries: Iterable[Entry]) -> int | None:
    """
    Return the number of the first entry that does not fit, None when the chain holds.

    Entries must come in order from number 1.
    """
    previous, expected = "", 1
    for entry in entries:
        if entry.number != expected or entry.previous != previous or not _holds(entry):
            return expected
        previous, expected = entry.hash, expected + 1
    return None


def _holds(entry: Entry) -> bool:
    if entry.details is not None:
        digest = details_digest(entry.details, entry.salt or "")
        if digest != entry.details_digest:
            return False
    expected = entry_hash(
        account_id=entry.account_id,
        number=entry.number,
        previous=entry.previous,
        act=entry.act,
        at=entry.at,
        digest=entry.details_digest,
    )
    return hmac.compare_digest(entry.hash, expected)
