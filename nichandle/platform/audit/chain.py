"""The arithmetic of the chain: what a hash covers, and how a chain is proven."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from nichandle.platform.audit.models import Anchor, Entry
from nichandle.platform.kernel import tokens


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


def sign(anchor: Anchor) -> str:
    """Sign one part of a day's list of heads with the server's key."""
    return _signature(anchor, tokens.signing_key("anchors"))


def is_signed(anchor: Anchor) -> bool:
    """Tell whether one of the server's keys, a former one included, has signed this."""
    keys = tokens.signing_keys("anchors")
    return any(hmac.compare_digest(_signature(anchor, key), anchor.signature) for key in keys)


def as_copied(anchor: Anchor) -> dict[str, Any]:
    """Return what the copy in a file says of an anchor."""
    return {
        "day": str(anchor.day),
        "part": anchor.part,
        "heads": anchor.heads,
        "previous": anchor.previous,
        "signature": anchor.signature,
    }


def from_copy(line: str) -> Anchor:
    """
    Read an anchor back from its line in a file; it is not a row.

    :raises ValueError: when the line is no anchor
    """
    try:
        told = json.loads(line)
        return Anchor(**{**told, "day": date.fromisoformat(told["day"])})
    except (KeyError, TypeError, ValueError) as reason:
        raise ValueError("no anchor") from reason


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a chain holds from entry 1: its end, and the first entry that does not fit."""

    number: int = 0
    hash: str = ""
    broken: int | None = None


def walk(entries: Iterable[Entry]) -> Walk:
    """Follow a chain; entries must come in order from number 1."""
    previous, expected = "", 1
    for entry in entries:
        if entry.number != expected or entry.previous != previous or not _valid(entry):
            return Walk(expected - 1, previous, expected)
        previous, expected = entry.hash, expected + 1
    return Walk(expected - 1, previous)


def linked(entries: Sequence[Entry]) -> bool:
    """Tell whether some entries, in order, hold and are linked to each other without a gap."""
    return valid(entries) and all(
        (later.number, later.previous) == (earlier.number + 1, earlier.hash)
        for earlier, later in pairwise(entries)
    )


def valid(entries: Iterable[Entry]) -> bool:
    """Tell whether each of some entries is as it was written, whatever lies between them."""
    return all(_valid(entry) for entry in entries)


def _signature(anchor: Anchor, key: bytes) -> str:
    text = "\n".join((str(anchor.day), str(anchor.part), anchor.previous, anchor.heads))
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def _valid(entry: Entry) -> bool:
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
