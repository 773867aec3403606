"""
One document from its drafts.

Judged before it has a number, rendered for the number it would have, and only then is the counter
locked: when another took that number meanwhile, it is rendered again for the next.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from django.db import transaction

from nichandle.commerce.invoices import mails, signals
from nichandle.commerce.invoices.documents import judging, rendering
from nichandle.commerce.invoices.documents.rendering import RenderedInvoice
from nichandle.commerce.invoices.drafting.splitting import merged
from nichandle.commerce.invoices.facts import Document
from nichandle.commerce.invoices.issuing import numbering
from nichandle.commerce.invoices.issuing.numbering import Candidate
from nichandle.commerce.invoices.models import (
    MEANS_LENGTH,
    Claim,
    Draft,
    Invoice,
    InvoiceContent,
    InvoiceLine,
    InvoiceStanding,
    ServiceLink,
)
from nichandle.commerce.invoices.sharing import copies
from nichandle.commerce.invoices.words import CREDIT, ISSUED, OPEN, PAID, WAITING
from nichandle.commerce.services.queries import recipients
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import profile
from nichandle.platform.kernel.clock import Clock
from nichandle.platform.kernel.database import locked

ROUNDS = 20
"""So often a document is rendered anew because others took its number; with a lease none does."""


class DocumentNotValid(Exception):
    """A document that may not be issued; the text says which rules it breaks, and how."""


class Overtaken(Exception):
    """The drafts were changed or withdrawn meanwhile, or numbers were taken again and again."""


def issue(drafts: Sequence[Draft], clock: Clock) -> Invoice:
    """
    Issue what these drafts say as one document, and return it.

    :raises DocumentNotValid: when it breaks a rule: then no number was touched
    :raises Overtaken: when it is to be looked at anew
    :raises numbering.ClockBehind: when the series has a document of a later day
    """
    written = merged([draft.facts for draft in drafts])
    judged = numbering.today(clock())
    document = _due_from(written, judged)
    if broken := judging.check(document, on=judged):
        raise DocumentNotValid("; ".join(f"{each.rule}: {each.text}" for each in broken))
    for _round in range(ROUNDS):
        on = numbering.today(clock())
        document = _due_from(written, on)
        wanted = numbering.candidate(drafts[0].series, on)
        files = rendering.render(document, number=wanted.number, issued_on=on)
        found = _keep(drafts, document, wanted, files, clock)
        if found is not None:
            return found
    raise Overtaken


def _due_from(document: Document, on: date) -> Document:
    """
    Let nothing be due before it is issued (BR-FR-CO-07): a draft may have waited over midnight.

    What was paid at the order is due on its day of issue.
    """
    return replace(document, due_date=max(document.due_date, on))


@transaction.atomic
def _keep(
    drafts: Sequence[Draft],
    document: Document,
    wanted: Candidate,
    files: RenderedInvoice,
    clock: Clock,
) -> Invoice | None:
    """Write the document under its number; None when that number, or its day, is past."""
    if not numbering.take(wanted):
        return None
    now = clock()
    if numbering.today(now) != wanted.on:
        transaction.set_rollback(True)
        return None
    held = _held(drafts)
    invoice = _row(held[0], document, wanted, files, clock)
    InvoiceContent.objects.bulk_create(
        InvoiceContent(
            invoice=invoice, kind=kind, content=content, size=len(content), sha256=digest
        )
        for kind, content, digest in (
            ("pdf", files.pdf, files.pdf_sha256),
            ("xml", files.xml, files.xml_sha256),
        )
    )
    _write_lines(invoice, held)
    services = {service for draft in held for service in draft.service_ids}
    ServiceLink.objects.bulk_create(
        ServiceLink(invoice=invoice, service_id=service) for service in sorted(services)
    )
    _stand(invoice, held, document)
    Draft.objects.filter(pk__in=[draft.pk for draft in held]).update(
        state=ISSUED, invoice=invoice, trouble=""
    )
    mails.issued(invoice, _readers(invoice, services), now=now)
    copies.send(invoice, now=now)
    for cause in dict.fromkeys(draft.cause for draft in held):
        signals.issued.send(None, invoice_id=invoice.pk, cause=cause, now=now)
    return invoice


def _readers(invoice: Invoice, service_ids: Collection[int]) -> list[Account]:
    """Return the customer, and whoever bills one of the services; each once."""
    holder = profile(invoice.account_id)
    others = recipients(service_ids, "invoice") if service_ids else []
    return list({account.pk: account for account in (holder, *others)}.values())


def _held(drafts: Sequence[Draft]) -> list[Draft]:
    read = {draft.pk: draft.document for draft in drafts}
    held = list(locked(Draft.objects.filter(pk__in=read).order_by("pk")))
    if any(draft.state != WAITING or draft.document != read[draft.pk] for draft in held):
        raise Overtaken
    return held


def _row(
    first: Draft, document: Document, wanted: Candidate, files: RenderedInvoice, clock: Clock
) -> Invoice:
    totals = document.totals
    return Invoice.objects.create(
        number=wanted.number,
        series=wanted.series,
        year=wanted.year,
        sequence=wanted.sequence,
        kind=document.kind,
        account_id=first.account_id,
        handle=first.handle,
        issued_on=wanted.on,
        issued_at=clock(),
        due_date=document.due_date,
        currency=document.currency,
        net_minor=totals.net.minor,
        tax_minor=totals.tax.minor,
        gross_minor=totals.gross.minor,
        corrects_id=first.corrects_id,
        document=document.as_json(),
        evidence=files.evidence,
    )


def _write_lines(invoice: Invoice, drafts: Sequence[Draft]) -> None:
    """Write where each line comes from, in the order in which ``merged`` has them."""
    claims = {
        (claim.draft_id, claim.place): claim.line
        for claim in Claim.objects.filter(draft__in=drafts).select_related("line")
    }
    rows: list[InvoiceLine] = []
    for draft in drafts:
        for place, line in enumerate(draft.facts.lines):
            credited = claims.get((draft.pk, place))
            rows.append(
                InvoiceLine(
                    invoice=invoice,
                    place=len(rows),
                    cause=credited.cause if credited else draft.cause,
                    cause_place=credited.cause_place if credited else draft.places[place],
                    net_minor=line.net.minor,
                    credits=credited,
                )
            )
    InvoiceLine.objects.bulk_create(rows)


def _stand(invoice: Invoice, drafts: Sequence[Draft], document: Document) -> None:
    paid = document.paid
    told = [draft.paid_on for draft in drafts if draft.paid_on]
    all_told = len(told) == len(drafts)
    state = PAID if paid or all_told or not invoice.gross_minor else OPEN
    InvoiceStanding.objects.create(
        invoice=invoice,
        account_id=invoice.account_id,
        due_date=invoice.due_date,
        state=CREDIT if invoice.corrects_id else state,
        paid_on=paid.paid_on if paid else max(told) if all_told else None,
        means=paid.means[:MEANS_LENGTH] if paid else drafts[0].means,
    )
