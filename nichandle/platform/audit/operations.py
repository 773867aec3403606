"""Writing the ledger, erasing details, anchoring the heads."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from nichandle.platform.audit import chain
from nichandle.platform.audit.acts import ACTS, LedgerAct
from nichandle.platform.audit.models import Anchor, Entry, Head
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import (
    Statement,
    fetch_all,
    locked,
    row_lock,
    run_together,
    stored_time,
    stored_uuid,
)
from nichandle.platform.kernel.origin import Origin

_INSERT = """
    INSERT INTO audit_entry
        (account_id, number, at, act, details, salt, details_digest, previous, hash)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
HEADS_IN_A_PART = 10_000
OVERLAP = timedelta(hours=1)
_HEAD = "SELECT number, hash FROM audit_head WHERE account_id = %s"
_ADVANCE = "UPDATE audit_head SET number = %s, hash = %s, moved_at = %s WHERE account_id = %s"


class End(NamedTuple):
    """Number and hash of a chain's last entry."""

    number: int
    hash: str


def record(
    name: LedgerAct,
    /,
    *,
    account_id: UUID,
    act: Act,
    **details: Any,
) -> None:
    """
    Enter an act in an account's ledger; call it inside the transaction of the act.

    ``details`` are plain values, never secrets; who acted, when it was not the account's owner, is
    ``actor`` among them. Two round trips.

    :raises KeyError: when ``name`` is not one of ``acts.ACTS``
    """
    run_together(recording(name, account_id=account_id, act=act, **details))


def recording(
    name: LedgerAct,
    /,
    *,
    account_id: UUID,
    act: Act,
    end: End | None = None,
    **details: Any,
) -> list[Statement]:
    """
    Lock the chain and return the statements that make the entry, for a caller that sends more.

    ``end`` is the chain's, where the caller has locked it already by ``locking``.

    :raises KeyError: when ``name`` is not one of ``acts.ACTS``
    """
    line = NewEntry(name, account_id, act.origin, {"actor": act.by or None, **details})
    insert, advance = _linked(line, *(end or _lock(account_id, act.now)), act.now)
    return [(_INSERT, insert), (_ADVANCE, advance)]


def locking(account_id: UUID) -> Statement:
    """Return the statement that locks a chain and reads its ``End``: no row, no chain yet."""
    return f"{_HEAD}{row_lock()}", [stored_uuid(account_id)]


def reading(account_id: UUID) -> Statement:
    """Return the statement that reads a chain's ``End`` without locking it."""
    return _HEAD, [stored_uuid(account_id)]


def still_ending(account_id: UUID, end: End) -> Statement:
    """Return the statement that locks a chain, and finds a row only if it still ends so."""
    return f"{_HEAD} AND number = %s{row_lock()}", [stored_uuid(account_id), end.number]


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An act to be entered in one account's ledger, for ``record_all``."""

    act: LedgerAct
    account_id: UUID
    origin: Origin
    details: Mapping[str, Any]


def record_all(lines: Sequence[NewEntry], *, now: datetime) -> None:
    """
    Enter acts in many accounts' ledgers in few statements, as ``record`` enters one.

    At most one line for each account.

    :raises KeyError: when an act is not in ``acts.ACTS``
    """
    if not lines:
        return
    heads = _lock_all([line.account_id for line in lines], now)
    inserts, advances = [], []
    for line in lines:
        insert, advance = _linked(line, *heads[line.account_id], now)
        inserts.append(insert)
        advances.append(advance)
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, inserts)
        cursor.executemany(_ADVANCE, advances)


def _linked(
    line: NewEntry, before: int, previous: str, now: datetime
) -> tuple[list[Any], list[Any]]:
    """Return the parameters of ``_INSERT`` and ``_ADVANCE`` for an entry after ``previous``."""
    ACTS[line.act]
    facts = {"ip": line.origin.ip, "browser": line.origin.browser, **line.details}
    text = chain.canonical({name: value for name, value in facts.items() if value is not None})
    number, salt = before + 1, chain.new_salt()
    digest = chain.details_digest(text, salt)
    linked = chain.entry_hash(
        account_id=line.account_id,
        number=number,
        previous=previous,
        act=line.act,
        at=now,
        digest=digest,
    )
    at, key = stored_time(now), stored_uuid(line.account_id)
    return (
        [key, number, at, line.act, text, salt, digest, previous, linked],
        [number, linked, at, key],
    )


def erase_details(*, account_id: UUID, before: datetime) -> int:
    """Erase the details of entries older than ``before``; the chain still proves the acts."""
    rows = Entry.objects.filter(account_id=account_id, at__lt=before, details__isnull=False)
    return rows.update(details=None, salt=None)


def anchor(*, now: datetime) -> list[Anchor]:
    """
    Sign the list of all heads that moved since the last anchor, once a day.

    Kept as rows and as a file in the data folder, which an operator copies elsewhere: a tail cut
    off the database afterwards no longer fits. Returns nothing when the day has its anchor.
    """
    made = _anchor_heads(now)
    # Yesterday's too: whoever was killed before writing it may have been so just before midnight.
    for day in (now.date() - timedelta(days=1), now.date()):
        if Anchor.objects.filter(day=day).exists():
            _write_copy(day)
    return made


@transaction.atomic
def _anchor_heads(now: datetime) -> list[Anchor]:
    if Anchor.objects.filter(day=now.date()).exists():
        return []
    last = Anchor.objects.order_by("-day", "-part").first()
    heads = Head.objects.order_by("account_id")
    if last is not None:
        # What was under way while the last anchor was made is in this one, if not in that.
        heads = heads.filter(moved_at__gte=last.made_at - OVERLAP)
    moved = heads.iterator(chunk_size=HEADS_IN_A_PART)
    made: list[Anchor] = []
    while (some := list(islice(moved, HEADS_IN_A_PART))) or not made:
        made.append(_sign_part(some, len(made), previous=last.signature if last else "", now=now))
        last = made[-1]
    return made


def _sign_part(heads: list[Head], part: int, *, previous: str, now: datetime) -> Anchor:
    text = chain.canonical({str(head.account_id): [head.number, head.hash] for head in heads})
    signed = Anchor(day=now.date(), part=part, heads=text, previous=previous, made_at=now)
    signed.signature = chain.sign(signed)
    signed.save(force_insert=True)
    return signed


def _write_copy(day: date) -> None:
    """Write the day's file unless it is there; a run that was killed before that is made good."""
    file = settings.NICHANDLE_DATA / "anchors" / f"{day}.jsonl"
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    with part.open("w", encoding="utf-8") as copy:
        for number in Anchor.objects.filter(day=day).order_by("part").values_list("pk", flat=True):
            row = Anchor.objects.get(pk=number)
            copy.write(chain.canonical(chain.as_copied(row)) + "\n")
        copy.flush()
        os.fsync(copy.fileno())
    part.replace(file)


def _lock(account_id: UUID, now: datetime) -> End:
    """Return number and hash of the chain's end, its row locked."""
    end = fetch_all(*locking(account_id)).first_as(End)
    if end is None:
        Head.objects.bulk_create([Head(account_id=account_id, moved_at=now)], ignore_conflicts=True)
        end = fetch_all(*locking(account_id)).first_as(End)
        assert end is not None
    return end


def _lock_all(account_ids: Sequence[UUID], now: datetime) -> dict[UUID, End]:
    """Return number and hash of each chain's end, their rows locked in one order for everybody."""
    found = _locked_heads(account_ids)
    missing = [account_id for account_id in account_ids if account_id not in found]
    if missing:
        Head.objects.bulk_create(
            [Head(account_id=account_id, moved_at=now) for account_id in missing],
            ignore_conflicts=True,
        )
        found |= _locked_heads(missing)
    return found


def _locked_heads(account_ids: Sequence[UUID]) -> dict[UUID, End]:
    rows = locked(Head.objects.filter(account_id__in=account_ids).order_by("account_id"))
    return {head.account_id: End(head.number, head.hash) for head in rows}
