"""Reading the ledger and proving it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from nichandle.platform.audit import chain
from nichandle.platform.audit.models import Anchor, Entry, Head
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.paging import Page, page
from nichandle.platform.kernel.wording.text import prefix_range

CHAINS_AT_ONCE = 500
HEADS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """Where the ledger does not hold: account and entry, unless it is an anchor, and why."""

    account_id: UUID | None
    number: int
    reason: str

    def __str__(self) -> str:
        where = "" if self.account_id is None else f"{self.account_id}, entry {self.number}: "
        return f"{where}{self.reason}."


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """
    What of a ledger is wanted: everything, or less.

    ``kind`` is the first word of the acts, such as "signin"; from ``since`` on, before ``until``.
    """

    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def everything(self) -> bool:
        return self == EVERYTHING


EVERYTHING = LedgerFilter()


def entries_of(
    account_id: UUID, wanted: LedgerFilter = EVERYTHING, *, after: str | None = None, size: int = 50
) -> Page[Entry]:
    """Return one page of an account's ledger, newest first."""
    return page(_wanted(account_id, wanted), by="-number", after=after, size=size)


def all_entries(account_id: UUID, wanted: LedgerFilter = EVERYTHING) -> Iterator[Entry]:
    """Yield all of an account's ledger, oldest first, without holding it in memory."""
    return _wanted(account_id, wanted).order_by("number").iterator()


def _wanted(account_id: UUID, wanted: LedgerFilter) -> QuerySet[Entry]:
    rows = Entry.objects.filter(account_id=account_id)
    if wanted.kind:
        low, high = prefix_range(f"{wanted.kind}.")
        rows = rows.filter(act__gte=low, act__lt=high)
    if wanted.since:
        rows = rows.filter(at__gte=wanted.since)
    return rows.filter(at__lt=wanted.until) if wanted.until else rows


def valid(found: Page[Entry], *, whole: bool) -> bool:
    """
    Tell whether a page of the ledger is as it was written.

    ``whole``: it is unfiltered, so that its entries must be linked to each other too.
    """
    entries = found.rows[::-1]
    return chain.linked(entries) if whole else chain.valid(entries)


def prove(account_id: UUID) -> tuple[int, bool]:
    """Prove an account's whole chain; return how many entries it has and whether it holds."""
    head = Head.objects.filter(account_id=account_id).first()
    if head is None:
        return 0, not Entry.objects.filter(account_id=account_id).exists()
    return head.number, not list(_chain_faults([head]))


def details_of(entry: Entry) -> dict[str, Any]:
    """Return what an entry tells besides its act; empty when erased."""
    return dict(json.loads(entry.details)) if entry.details else {}


def faults(account_id: UUID | None = None, *, copies: Path) -> Iterator[Fault]:
    """
    Prove the chains of one account or of all, and yield what does not hold.

    ``copies`` is the folder of anchors as they were written: what somebody with the database in
    hand cannot have changed. Entries may be written meanwhile.
    """
    heads = Head.objects.order_by("account_id")
    if account_id is not None:
        heads = heads.filter(account_id=account_id)
    some = list(heads[:CHAINS_AT_ONCE])
    while some:
        yield from _chain_faults(some)
        some = list(heads.filter(account_id__gt=some[-1].account_id)[:CHAINS_AT_ONCE])
    if account_id is None:
        yield from _headless()
    yield from _anchor_faults(account_id)
    yield from _copy_faults(account_id, copies)


def count(account_id: UUID | None = None) -> tuple[int, int]:
    """Return how many chains and entries there are."""
    entries, heads = Entry.objects.all(), Head.objects.all()
    if account_id is not None:
        entries, heads = entries.filter(account_id=account_id), heads.filter(account_id=account_id)
    return heads.count(), entries.count()


def _chain_faults(heads: list[Head]) -> Iterator[Fault]:
    accounts = [head.account_id for head in heads]
    entries = Entry.objects.filter(account_id__in=accounts).order_by("account_id", "number")
    walks = {
        account: chain.walk(rows)
        for account, rows in groupby(entries.iterator(), attrgetter("account_id"))
    }
    for head in heads:
        found = walks.get(head.account_id, chain.Walk())
        if _misfit(head, found):
            # Perhaps only because an entry was written between the two readings.
            yield from _chain_fault(head.account_id)


def _chain_fault(account_id: UUID) -> list[Fault]:
    """Prove one chain while nobody can write to it."""
    with transaction.atomic():
        head = locked(Head.objects.filter(account_id=account_id)).first()
        entries = Entry.objects.filter(account_id=account_id).order_by("number")
        found = chain.walk(entries.iterator())
    reason = _misfit(head, found) if head is not None else ""
    if head is None or not reason:
        return []
    return [Fault(account_id, found.broken or min(found.number, head.number) + 1, reason)]


def _misfit(head: Head, found: chain.Walk) -> str:
    if found.broken is not None:
        return "the entry is missing or was changed"
    if found.number < head.number:
        return "entries are missing at the end"
    if (found.number, found.hash) != (head.number, head.hash):
        return "the head does not fit the last entry"
    return ""


def _headless() -> Iterator[Fault]:
    head = Head.objects.filter(account_id=OuterRef("account_id"))
    orphans = Entry.objects.filter(~Exists(head)).order_by("account_id")
    for account_id in orphans.values_list("account_id", flat=True).distinct().iterator():
        yield Fault(account_id, 0, "the chain has lost its head")


def _anchor_faults(account_id: UUID | None) -> Iterator[Fault]:
    previous = ""
    # One at a time: each holds the heads of many accounts.
    for number in Anchor.objects.order_by("day", "part").values_list("pk", flat=True):
        anchor = Anchor.objects.get(pk=number)
        if anchor.previous != previous:
            yield Fault(None, 0, f"an anchor is missing before part {anchor.part} of {anchor.day}")
        previous = anchor.signature
        yield from _cut_off(anchor, account_id)


def _copy_faults(account_id: UUID | None, copies: Path) -> Iterator[Fault]:
    for file in sorted(copies.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            try:
                copied = chain.from_copy(line)
            except ValueError:
                yield Fault(None, 0, f"the file {file.name} is damaged")
                break
            kept = Anchor.objects.filter(
                day=copied.day, part=copied.part, signature=copied.signature
            )
            if not kept.exists():
                yield Fault(None, 0, f"the database has lost the anchor of {copied.day}")
                yield from _cut_off(copied, account_id)


def _cut_off(anchor: Anchor, account_id: UUID | None) -> Iterator[Fault]:
    """Yield what an anchor has seen and is no more."""
    if not chain.is_signed(anchor):
        yield Fault(
            None,
            0,
            f"the anchor of {anchor.day} was changed, or signed with a secret no longer listed",
        )
        return
    heads = iter(json.loads(anchor.heads).items())
    while some := list(islice(heads, HEADS_AT_ONCE)):
        seen = {(UUID(key), number, linked) for key, (number, linked) in some if number}
        if account_id is not None:
            seen = {one for one in seen if one[0] == account_id}
        there = Entry.objects.filter(
            account_id__in={one[0] for one in seen}, number__in={one[1] for one in seen}
        ).values_list("account_id", "number", "hash")
        for account, number, _linked in sorted(seen - set(there)):
            yield Fault(account, number, f"cut off since the anchor of {anchor.day}")
