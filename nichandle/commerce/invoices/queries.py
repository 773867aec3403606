"""What is read of issued documents: one's list, one document, what changed since the last."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any
from uuid import UUID

from babel.numbers import get_currency_precision, list_currencies
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from nichandle.commerce.invoices.facts import Document
from nichandle.commerce.invoices.models import (
    NUMBER_LENGTH,
    Draft,
    Invoice,
    InvoiceContent,
    InvoiceStanding,
    ServiceLink,
)
from nichandle.commerce.invoices.words import CREDIT_NOTE, OPEN, STATES, WAITING
from nichandle.commerce.services import queries as services
from nichandle.platform.kernel.money import Money
from nichandle.platform.kernel.paging import Page
from nichandle.platform.kernel.reading.questions import Question, question

SIZE = 25
OVERDUE_SHOWN = 3
MOST = 5000
"""So many documents a list for a spreadsheet has at most."""
GROUP = 3
_FIGURES = re.compile(r"(?=.*[0-9])[0-9.,]{1,16}")
"""No longer than what the database can compare."""


@dataclass(frozen=True, slots=True)
class InvoiceFilter:
    """What of one's documents is wanted; what no list knows wants everything."""

    text: str = ""
    state: str = ""
    begin: date | None = None
    end: date | None = None
    service: int | None = None

    @property
    def searched(self) -> bool:
        return bool(self.text or self.state or self.begin or self.end)

    @property
    def narrow(self) -> bool:
        return self.searched or bool(self.service)


@dataclass(frozen=True, slots=True)
class Overdue:
    """An invoice that is past due: what is left to pay of it, and since when."""

    number: str
    due_date: date
    missing: Money

    @classmethod
    def of(cls, number: str, due: date, gross: int, credited: int, currency: str) -> "Overdue":
        return cls(number, due, Money.of_minor(gross - credited, currency))


def mine(
    account_id: UUID, wanted: InvoiceFilter, *, after: str = "", size: int = SIZE
) -> Page[Invoice]:
    """
    Return those documents that an account may see, newest first: its own, and of what it bills.

    Both are read by their own index, so that a page costs the same in a long list.
    """
    found: dict[int, Invoice] = {}
    before = Q(pk__lt=int(after)) if after.isdecimal() and len(after) < 19 else Q()
    for visible in _visible(account_id):
        rows = _wanted(visible.filter(before), wanted).select_related("standing")
        found |= {row.pk: row for row in rows.defer("document", "evidence")[: size + 1]}
    newest = [found[key] for key in sorted(found, reverse=True)]
    following = str(newest[size - 1].pk) if len(newest) > size else None
    return Page(newest[:size], following)


def seen(account_id: UUID, number: str) -> Invoice | None:
    """Return a document that an account may see, with its standing; None for all others."""
    for rows in _visible(account_id):
        found = rows.filter(number=number[:NUMBER_LENGTH]).select_related("standing", "corrects")
        if (invoice := found.first()) is not None:
            return invoice
    return None


def to_pay(account_id: UUID) -> list[Money]:
    """Return what an account has still to pay of its own invoices, one sum for each currency."""
    rows = InvoiceStanding.objects.filter(account_id=account_id, state=OPEN)
    sums = rows.values_list("invoice__currency").annotate(
        gross=Sum("invoice__gross_minor"), credited=Sum("credited_minor")
    )
    return [Money.of_minor(gross - credited, currency) for currency, gross, credited in sums]


def unpaid(account_id: UUID, *, today: date) -> Invoice | None:
    """Return the invoice of an account that has been due longest; None when none is overdue."""
    rows = InvoiceStanding.objects.filter(account_id=account_id, state=OPEN, due_date__lt=today)
    found = rows.select_related("invoice").order_by("due_date").first()
    return found.invoice if found else None


def overdue_asked(account_id: UUID, *, today: date) -> Question[list[Overdue]]:
    """Ask for the ``OVERDUE_SHOWN`` invoices of an account that are past due longest."""
    return _overdue(account_id, today).then(lambda rows: [Overdue.of(*row) for row in rows])


@question
def _overdue(account_id: UUID, today: date) -> QuerySet[InvoiceStanding, tuple[Any, ...]]:
    rows = InvoiceStanding.objects.filter(account_id=account_id, state=OPEN, due_date__lt=today)
    named = ("invoice__number", "due_date", "invoice__gross_minor", "credited_minor")
    rows = rows.order_by("due_date", "invoice_id")
    return rows.values_list(*named, "invoice__currency")[:OVERDUE_SHOWN]


def of_cause(cause: str) -> list[Invoice]:
    """Return the documents issued for a cause and the credit notes of them, oldest first."""
    made = Draft.objects.filter(cause=cause, invoice__isnull=False).values("invoice_id")
    notes = Q(kind=CREDIT_NOTE, invoice_lines__cause=cause)
    found = Invoice.objects.filter(Q(pk__in=made) | notes)
    return list(found.select_related("standing").distinct().order_by("pk"))


def credit_notes(invoice: Invoice) -> list[Invoice]:
    """Return the credit notes of an invoice, oldest first."""
    return list(Invoice.objects.filter(corrects=invoice).order_by("pk"))


def content(invoice: Invoice, kind: str) -> InvoiceContent:
    """Return the bytes of a document as they were issued; ``kind`` is pdf or xml."""
    return InvoiceContent.objects.get(invoice=invoice, kind=kind)


def held() -> list[Draft]:
    """Return what cannot be issued, for the operator: ``trouble`` says why."""
    return list(Draft.objects.filter(state=WAITING).exclude(trouble="").order_by("pk")[:100])


@dataclass(frozen=True, slots=True)
class Difference:
    """A line that is new, gone, or costs something else than on the last invoice."""

    what: str
    label: str
    details: str
    before: Money | None
    after: Money | None


def changes(account_id: UUID, invoice: Invoice) -> tuple[Invoice, list[Difference]] | None:
    """
    Say what an invoice has that its customer's last one had not; None for the first.

    The last is that of those that the reader may see: whoever bills one service reads nothing of
    what else its customer has. Lines are the same when label and details are, such as a product
    and its service.
    """
    if invoice.kind == CREDIT_NOTE:
        return None
    before = Q(account_id=invoice.account_id, pk__lt=invoice.pk)
    found = (rows.filter(before).exclude(kind=CREDIT_NOTE) for rows in _visible(account_id))
    last = max(filter(None, map(QuerySet.first, found)), key=attrgetter("pk"), default=None)
    if last is None:
        return None
    return last, list(_changes(_by_name(last.facts), _by_name(invoice.facts)))


def _changes(
    before: dict[tuple[str, str], Money], now: dict[tuple[str, str], Money]
) -> Iterator[Difference]:
    for (label, details), net in now.items():
        old = before.get((label, details))
        if old is None:
            yield Difference("new", label, details, None, net)
        elif old != net:
            yield Difference("changed", label, details, old, net)
    for (label, details), net in before.items():
        if (label, details) not in now:
            yield Difference("gone", label, details, net, None)


def _by_name(document: Document) -> dict[tuple[str, str], Money]:
    found: dict[tuple[str, str], Money] = {}
    for line in document.lines:
        key = line.label, line.details
        found[key] = found[key] + line.net if key in found else line.net
    return found


def _visible(account_id: UUID) -> tuple[QuerySet[Invoice], QuerySet[Invoice]]:
    """
    Return its own documents, and those of what it bills that were issued since it does.

    Whoever takes a role on learns nothing of what another account was billed before.
    """
    held = services.roles_allowing(account_id, "invoice.see")
    since = held.filter(
        service_id=OuterRef("service_id"), since_at__lte=OuterRef("invoice__issued_at")
    )
    about = ServiceLink.objects.filter(Exists(since), service_id__in=held.values("service_id"))
    rows = Invoice.objects.order_by("-pk")
    return (
        rows.filter(account_id=account_id),
        rows.filter(pk__in=about.values("invoice_id")),
    )


def _wanted(rows: QuerySet[Invoice], wanted: InvoiceFilter) -> QuerySet[Invoice]:
    if wanted.state in STATES:
        rows = rows.filter(standing__state=wanted.state)
    if wanted.begin:
        rows = rows.filter(issued_on__gte=wanted.begin)
    if wanted.end:
        rows = rows.filter(issued_on__lte=wanted.end)
    if wanted.service:
        rows = rows.filter(services__service_id=wanted.service)
    text = wanted.text.strip()[:40]
    if not text:
        return rows
    found = Q(number__contains=text.upper())
    if (amount := amount_of(text)) is not None:
        # The currency decides how many smallest units that is; all of ours have two decimals or 0.
        found |= Q(gross_minor__in={int(amount * 10**places) for places in _precisions()})
    return rows.filter(found)


def _precisions() -> set[int]:
    return {int(get_currency_precision(currency)) for currency in ("EUR", "JPY")}


def amount_of(text: str) -> Decimal | None:
    """
    Read an amount as people write it: 1 234,50 or 1,234.50 or EUR 12; None for what is none.

    Of point and comma the last is the decimal mark. One that stands several times, or once before
    three digits, makes groups: no invoice of ours has three decimals. Currencies and signs are
    left aside, as documents say by their kind which way the money goes.
    """
    bare = "".join(sign for sign in text if not _says_nothing(sign)).upper()
    if bare[:3] in list_currencies():
        bare = bare[3:]
    elif bare[-3:] in list_currencies():
        bare = bare[:-3]
    figures = bare.lstrip("+-\u2212")
    plain = _plain(figures) if _FIGURES.fullmatch(figures) else None
    return Decimal(plain) if plain else None


def _says_nothing(sign: str) -> bool:
    """Tell of spaces, signs of currencies, and the apostrophes of Swiss groups."""
    return sign.isspace() or sign in "'\u2019" or unicodedata.category(sign) == "Sc"


def _plain(figures: str) -> str | None:
    """Write figures with a point as decimal mark and no groups; None where they contradict."""
    last = max(figures.rfind("."), figures.rfind(","))
    if last < 0:
        return figures
    whole, mark, decimals = figures[:last], figures[last], figures[last + 1 :]
    both, repeated = bool({".", ","} - {mark} & {*whole}), mark in whole
    grouped = len(decimals) == GROUP and bool(whole)
    if repeated and (both or not grouped):
        return None
    groups = whole.replace(".", "").replace(",", "")
    return groups + decimals if grouped and not both else f"{groups}.{decimals}"
