"""
Which line of a statement is for what.

For certain: a reference of ours (ISO 11649, with right check digits), and the amount to the last
cent. All else is perhaps, and waits for a person: what is found then is only shown to them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import F, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.payments import references
from nichandle.commerce.payments.models import (
    BankLine,
    PaymentTry,
    Receivable,
    Refund,
    Share,
)
from nichandle.commerce.payments.words import BY_HAND, DONE, OPEN, PARTLY

MOST_SHOWN = 5
ORDER = re.compile(r"\bC\d{8}\b")
IDENTIFIER = re.compile(r"\b[A-Z]{2}\d{6}(?:-[A-Z]{2,5})?\b")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that a line may be for, and why one would think so."""

    receivable: Receivable
    why: str | Promise


def certain(line: BankLine) -> list[Receivable]:
    """Return what a line pays to the last cent, by its reference; nothing where there is doubt."""
    numbers = _numbers(line)
    if line.amount_minor <= 0 or line.taken_back or len(numbers) != 1:
        return []
    owed = _of_number(numbers[0])
    if any(each.currency != line.currency for each in owed):
        return []
    total = sum(each.missing_minor for each in owed)
    return owed if owed and total == line.amount_minor else []


def refund_of(line: BankLine) -> Refund | None:
    """
    Return the refund that a line proves to be sent: our own reference, to the last cent.

    Of equal ones first that of which people have said so already, then the oldest; each is proven
    by one line.
    """
    numbers = _numbers(line)
    if line.amount_minor >= 0 or line.taken_back or len(numbers) != 1:
        return None
    rows = Refund.objects.filter(
        receivable__number=numbers[0],
        receivable__currency=line.currency,
        state__in=[BY_HAND, DONE],
        # What a provider has sent is on no statement of ours.
        provider_ref="",
        line=None,
        amount_minor=-line.amount_minor,
    )
    found = rows.select_related("receivable")
    return found.order_by(F("done_at").asc(nulls_last=True), "pk").first()


def suggestions(line: BankLine) -> list[Suggestion]:
    """Return what a line may be for, the likeliest first; booked is none of it."""
    found: dict[int, Suggestion] = {}
    for each in _perhaps(line):
        found.setdefault(each.receivable.pk, each)
        if len(found) == MOST_SHOWN:
            break
    return list(found.values())


def _perhaps(line: BankLine) -> Iterator[Suggestion]:
    text = f"{line.reference} {line.text}".upper()
    for number in _numbers(line):
        for owed in _of_number(number):
            yield Suggestion(owed, _("its reference, but not this amount or not this state"))
    rows = Receivable.objects.filter(currency=line.currency)
    for number in ORDER.findall(text):
        for owed in rows.filter(cause=f"order:{number}"):
            yield Suggestion(owed, _("the number of the order is in the text"))
    waiting = rows.filter(state__in=[OPEN, PARTLY])
    for handle in IDENTIFIER.findall(text):
        for owed in _few(waiting.filter(handle__istartswith=handle)):
            yield Suggestion(owed, _("the identifier of the customer is in the text"))
    for owed in _few(waiting.filter(amount_minor=line.amount_minor, paid_minor=0)):
        yield Suggestion(owed, _("the same amount is owed"))


def _few(rows: "QuerySet[Receivable]") -> Sequence[Receivable]:
    return list(rows.order_by("-pk")[:MOST_SHOWN])


def _numbers(line: BankLine) -> list[str]:
    """Return the numbers in the reference and in the text, each once."""
    found = [*references.found_in(line.reference), *references.found_in(line.text)]
    return list(dict.fromkeys(found))


def _of_number(number: str) -> list[Receivable]:
    """Return what a number stands for: one receivable, or those of one payment of several."""
    alone = list(Receivable.objects.filter(number=number))
    if alone:
        return alone
    payment = PaymentTry.objects.filter(number=number, provider="transfer").first()
    if payment is None:
        return []
    shares = Share.objects.filter(payment=payment).select_related("receivable")
    return [share.receivable for share in shares.order_by("receivable")]
