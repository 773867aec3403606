"""Reading the ledger and proving it."""

import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from nichandle.audit import chain
from nichandle.audit.models import Anchor, Entry, Head
from nichandle.kernel.paging import Page, page
from nichandle.kernel.text import prefix_range


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a chain does not hold: the account, the entry, and in words why."""

    account_id: UUID
    number: int
    reason: str


def entries_of(
    account_id: UUID, *, after: str | None = None, size: int = 50, kind: str = ""
) -> Page[Entry]:
    """
    Return one page of an account's ledger, newest first.

    ``kind`` is the first word of the acts wanted, such as "signin"; empty for all.
    """
    rows = Entry.objects.filter(account_id=account_id)
    if kind:
        low, high = prefix_range(f"{kind}.")
        rows = rows.filter(act__gte=low, act__lt=high)
    return page(rows, by="-number", after=after, size=size)


def all_entries(account_id: UUID) -> Iterator[Entry]:
    """Yield an account's whole ledger, oldest first, without holding it in memory."""
    return Entry.objects.filter(account_id=account_id).order_by("number").iterator()


def details_of(entry: Entry) -> dict[str, Any]:
    """Return what an entry tells besides its act; empty when erased."""
    return dict(json.loads(entry.details)) if entry.details else {}


def faults(account_id: UUID | None = None) -> Iterator[Fault]:
    """Prove the chains of one account or of all, and yield what does not hold."""
    heads = Head.objects.all()
    if account_id is not None:
        heads = heads.filter(account_id=account_id)
    for head in heads.order_by("account_id").iterator():
        yield from _chain_faults(head)
    if account_id is None:
        yield from _headless()
    yield from _anchor_faults(account_id)


def count(account_id: UUID | None = None) -> tuple[int, int]:
    """Return how many chains and entries there are."""
    entries, heads = Entry.objects.all(), Head.objects.all()
    if account_id is not None:
        entries, heads = entries.filter(account_id=account_id), heads.filter(account_id=account_id)
    return heads.count(), entries.count()


def _chain_faults(head: Head) -> Iterator[Fault]:
    entries = Entry.objects.filter(account_id=head.account_id).order_by("number")
    broken = chain.first_fault(entries.iterator())
    if broken is not None:
        yield Fault(head.account_id, broken, "the entry is missing or was changed")
        return
    last = entries.last()
    number, linked = (last.number, last.hash) if last else (0, "")
    if (number, linked) != (head.number, head.hash):
        yield Fault(head.account_id, number + 1, "entries are missing at the end")


def _headless() -> Iterator[Fault]:
    known = Head.objects.values("account_id")
    orphans = Entry.objects.exclude(account_id__in=known).values_list("account_id", flat=True)
    for account_id in orphans.distinct():
        yield Fault(account_id, 0, "the chain has lost its head")


def _anchor_faults(account_id: UUID | None) -> Iterator[Fault]:
    for anchor in Anchor.objects.order_by("day").iterator():
        if not hmac.compare_digest(chain.sign(anchor.day, anchor.heads), anchor.signature):
            yield Fault(UUID(int=0), 0, f"the anchor of {anchor.day} was changed")
            continue
        for key, (number, linked) in json.loads(anchor.heads).items():
            if number == 0 or (account_id is not None and str(account_id) != key):
                continue
            if not Entry.objects.filter(account_id=key, number=number, hash=linked).exists():
                yield Fault(UUID(key), number, f"cut off since the anchor of {anchor.day}")
