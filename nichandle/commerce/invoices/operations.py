"""
Documents drafted, credited and marked as paid; ``issuing`` gives them their numbers.

All of it happens in the caller's transaction. A draft has no number: the worker issues it within
the second after that transaction has committed, and until then nothing is final.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from nichandle.commerce.invoices.drafting import crediting
from nichandle.commerce.invoices.drafting.splitting import parts_of, together
from nichandle.commerce.invoices.dues.paying import day_paid
from nichandle.commerce.invoices.facts import Document
from nichandle.commerce.invoices.models import MEANS_LENGTH, Draft, InvoiceLine, InvoiceStanding
from nichandle.commerce.invoices.words import (
    ISSUED,
    OPEN,
    PAID,
    SERIES,
    WAITING,
    WITHDRAWN,
)
from nichandle.platform.kernel.database import locked


@transaction.atomic
def draft(
    *,
    account_id: UUID,
    handle: str,
    document: Document,
    cause: str,
    service_ids: Iterable[int] = (),
    now: datetime,
) -> Draft:
    """
    Write down what is to be issued for a cause, once; asked again, the first stands.

    The places of the document's lines are what ``credit_cause`` calls them by, whatever document
    they end in: what is outside VAT stands on one of its own, and what one customer owes the same
    day may become one.
    """
    found = Draft.objects.filter(cause=cause).order_by("part").first()
    if found is not None:
        return found
    services = sorted(set(service_ids))
    drafts = [
        Draft.objects.create(
            cause=cause,
            part=number,
            series=SERIES[part.kind],
            account_id=account_id,
            handle=handle,
            document=part.as_json(),
            places=list(places),
            service_ids=services,
            together=together(part, account_id),
            try_at=now,
            created_at=now,
        )
        for number, (part, places) in enumerate(parts_of(document))
    ]
    return drafts[0]


@transaction.atomic
def credit_cause(
    cause: str,
    *,
    reason: Mapping[str, str],
    lines: Collection[int] | None = None,
    now: datetime,
) -> list[Draft]:
    """
    Credit what was invoiced for a cause: all of it, or lines by their place in what was quoted.

    What has no number yet is withdrawn, or loses those lines. What was credited already is left
    alone, so asking twice credits once. Return the credit notes drafted: none when nothing was
    issued for the cause.
    """
    wanted = None if lines is None else frozenset(lines)
    for waiting in locked(Draft.objects.filter(cause=cause, state=WAITING).order_by("pk")):
        _take_out(waiting, wanted)
    invoices = InvoiceLine.objects.filter(cause=cause, credits=None).values_list(
        "invoice_id", flat=True
    )
    standings = locked(
        InvoiceStanding.objects.filter(invoice_id__in=set(invoices)).order_by("invoice_id")
    )
    drafted = []
    for standing in standings.select_related("invoice"):
        found = crediting.wanted(standing.invoice, cause, wanted)
        if found:
            own = f"{cause[:28]}/a{Draft.objects.filter(cause__startswith=f'{cause}/a').count()}"
            drafted.append(
                crediting.write(standing.invoice, found, reason=reason, cause=own, now=now)
            )
    return drafted


def _take_out(waiting: Draft, places: frozenset[int] | None) -> None:
    kept = [] if places is None else [place for place in waiting.places if place not in places]
    if len(kept) == len(waiting.places):
        return
    if not kept:
        waiting.state = WITHDRAWN
    else:
        left = crediting.without(waiting.facts, [waiting.places.index(place) for place in kept])
        waiting.document, waiting.places, waiting.trouble = left.as_json(), kept, ""
    waiting.save(update_fields=["state", "document", "places", "trouble"])


@transaction.atomic
def mark_paid(cause: str, *, now: datetime, banked_on: date | None = None, means: str = "") -> None:
    """
    Note beside the frozen documents of a cause that it was paid, and which day; noted once.

    ``banked_on`` is when the bank booked it, where a statement says so. An invoice that several
    causes share is paid when all of them are, with the last of them.
    """
    unpaid = Draft.objects.filter(cause=cause, paid_at=None)
    if not unpaid.exists():
        return
    on = day_paid(now, banked_on)
    unpaid.update(paid_at=now, paid_on=on, means=means[:MEANS_LENGTH])
    for standing in _standings(cause, OPEN):
        drafts = Draft.objects.filter(invoice_id=standing.invoice_id)
        days = list(drafts.order_by("paid_on").values_list("paid_on", "means"))
        if all(day for day, _means in days):
            standing.state = PAID
            standing.paid_on, standing.means = days[-1]
            standing.save(update_fields=["state", "paid_on", "means"])


@transaction.atomic
def mark_unpaid(cause: str) -> None:
    """
    Note that the money of a cause was taken back: a chargeback, a transfer returned.

    What has its number goes on saying that it was paid, which is true; what has none says it no
    more.
    """
    for draft in locked(Draft.objects.filter(cause=cause).order_by("pk")):
        draft.paid_at, draft.paid_on, draft.means = None, None, ""
        if draft.state == WAITING and draft.facts.paid:
            draft.document = replace(draft.facts, paid=None).as_json()
        draft.save(update_fields=["paid_at", "paid_on", "means", "document"])
    for standing in _standings(cause, PAID):
        standing.state, standing.paid_on, standing.means = OPEN, None, ""
        standing.save(update_fields=["state", "paid_on", "means"])


def _standings(cause: str, state: str) -> QuerySet[InvoiceStanding]:
    """Lock the standings of what was issued for a cause that are in a state."""
    issued = Draft.objects.filter(cause=cause, state=ISSUED).values_list("invoice_id", flat=True)
    rows = InvoiceStanding.objects.filter(invoice_id__in=list(issued), state=state)
    return locked(rows.order_by("invoice_id"))
