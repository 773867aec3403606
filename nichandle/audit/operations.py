"""Writing the ledger, erasing details, anchoring the heads."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from nichandle.audit import chain
from nichandle.audit.acts import ACTS
from nichandle.audit.models import Anchor, Entry, Head
from nichandle.kernel.database import (
    Statement,
    fetch_one,
    row_lock,
    run_together,
    stored_time,
    stored_uuid,
)
from nichandle.kernel.origin import Origin

_INSERT = """
    INSERT INTO audit_entry
        (account_id, number, at, act, details, salt, details_digest, previous, hash)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
OVERLAP = timedelta(hours=1)
_HEAD = "SELECT number, hash FROM audit_head WHERE account_id = %s"
_ADVANCE = "UPDATE audit_head SET number = %s, hash = %s, moved_at = %s WHERE account_id = %s"


def record(
    act: str,
    *,
    account_id: UUID,
    origin: Origin,
    now: datetime,
    actor: str | None = None,
    **details: Any,
) -> None:
    """
    Enter an act in an account's ledger; call it inside the transaction of the act.

    ``actor`` names who acted when it was not the account's owner. ``details`` are plain values,
    never secrets. Two round trips.

    :raises KeyError: when the act is not in ``acts.ACTS``
    """
    run_together(
        recording(act, account_id=account_id, origin=origin, now=now, actor=actor, **details)
    )


def recording(
    act: str,
    *,
    account_id: UUID,
    origin: Origin,
    now: datetime,
    actor: str | None = None,
    **details: Any,
) -> list[Statement]:
    """
    Lock the chain and return the statements that make the entry, for a caller that sends more.

    :raises KeyError: when the act is not in ``acts.ACTS``
    """
    ACTS[act]
    facts = {"actor": actor, "ip": origin.ip, "browser": origin.browser, **details}
    text = chain.canonical({name: value for name, value in facts.items() if value is not None})
    before, previous = _lock(account_id, now)
    number, salt = before + 1, chain.new_salt()
    digest = chain.details_digest(text, salt)
    linked = chain.entry_hash(
        account_id=account_id, number=number, previous=previous, act=act, at=now, digest=digest
    )
    at, key = stored_time(now), stored_uuid(account_id)
    return [
        (_INSERT, [key, number, at, act, text, salt, digest, previous, linked]),
        (_ADVANCE, [number, linked, at, key]),
    ]


def erase_details(*, account_id: UUID, before: datetime) -> int:
    """Erase the details of entries older than ``before``; the chain still proves the acts."""
    rows = Entry.objects.filter(account_id=account_id, at__lt=before, details__isnull=False)
    return rows.update(details=None, salt=None)


@transaction.atomic
def anchor(*, now: datetime) -> Anchor | None:
    """
    Sign the list of all heads that moved since the last anchor, once a day.

    Written as a row and as a file in the data folder, which an operator copies elsewhere: a tail
    cut off the database afterwards no longer fits. Returns None when the day has its anchor.
    """
    if Anchor.objects.filter(day=now.date()).exists():
        return None
    last = Anchor.objects.order_by("-day").first()
    heads = Head.objects.all()
    if last is not None:
        # What was under way while the last anchor was made is in this one, if not in that.
        heads = heads.filter(moved_at__gte=last.made_at - OVERLAP)
    text = chain.canonical(
        {str(head.account_id): [head.number, head.hash] for head in heads.iterator()}
    )
    made = Anchor.objects.create(
        day=now.date(), heads=text, signature=chain.sign(now.date(), text), made_at=now
    )
    folder = settings.NICHANDLE_DATA / "anchors"
    folder.mkdir(parents=True, exist_ok=True)
    signed = json.dumps({"day": str(made.day), "heads": text, "signature": made.signature})
    (folder / f"{made.day}.json").write_text(signed, encoding="utf-8")
    return made


def _lock(account_id: UUID, now: datetime) -> tuple[int, str]:
    """Return number and hash of the chain's end, its row locked."""
    sql = f"{_HEAD}{row_lock()}"
    head = fetch_one(sql, [stored_uuid(account_id)])
    if head is None:
        Head.objects.bulk_create([Head(account_id=account_id, moved_at=now)], ignore_conflicts=True)
        head = fetch_one(sql, [stored_uuid(account_id)])
        assert head is not None
    return head[0], head[1]
