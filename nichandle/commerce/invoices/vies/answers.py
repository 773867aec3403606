"""What VIES has said of a number, and what it is to be asked: a page reads and never waits."""

from datetime import date, datetime, timedelta
from typing import cast
from uuid import UUID

from nichandle.commerce.invoices.facts import Evidence, Party, Seller
from nichandle.commerce.invoices.models import VatAnswer
from nichandle.commerce.invoices.selling import sellers
from nichandle.commerce.invoices.vies import register
from nichandle.commerce.invoices.vies.register import Verdict
from nichandle.platform.limits.errors import Exhausted
from nichandle.platform.limits.operations import spend

RENEWED_AFTER = timedelta(hours=12)
"""An answer is asked for anew before it is too old to count (``circumstances.GOOD_FOR``)."""
LEFT_ALONE = timedelta(minutes=10)
"""So long after the last silence the same question is not begun again."""
FAULTS_SHOWN = 3
OFF = (
    "VAT numbers of other member states are not confirmed, so everybody there pays VAT: "
    "NICHANDLE_VIES_URL names the register."
)
STATES = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU", "IE", "IT"}
    | {"LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI"}
)
"""The prefixes that VIES knows: Greece is EL, Northern Ireland XI."""


def evidence_of(buyer: Party) -> Evidence:
    """Return what the register has said of a customer's number; nothing where it has not."""
    if not _to_be_known(buyer.vat_number):
        return Evidence()
    found = VatAnswer.objects.filter(number=buyer.vat_number).first()
    if found is None or found.answered_at is None:
        silent = found is not None and found.silent_at is not None
        return Evidence(vat_number=buyer.vat_number, answer="silent" if silent else "none")
    return Evidence(
        vat_number=buyer.vat_number,
        answer=cast(Verdict, found.answer),
        answered_on=sellers.day(found.answered_at),
        consultation=found.consultation,
    )


def want(account_id: UUID, buyer: Party, seller: Seller, *, now: datetime) -> None:
    """
    Have the worker ask about a customer's number, unless its answer is fresh or on its way.

    A number of the seller's own state decides nothing. Who tries numbers out is not asked for any
    more after some of them: then they pay VAT like everybody whose number is not confirmed.
    """
    number = buyer.vat_number
    if not register.on() or not _to_be_known(number) or number[:2] == seller.vat_number[:2]:
        return
    found = VatAnswer.objects.filter(number=number).first()
    if found is not None and (found.next_try_at is not None or _rests(found, now)):
        return
    try:
        spend("vat.ask", key=str(account_id), now=now)
    except Exhausted:
        return
    if found is None:
        # Two tabs may ask at once for the first time.
        VatAnswer.objects.bulk_create(
            [VatAnswer(number=number, next_try_at=now)], ignore_conflicts=True
        )
        return
    again = VatAnswer.objects.filter(pk=found.pk, next_try_at=None)
    again.update(next_try_at=now, tries=0)


def on_its_way(buyer: Party, evidence: Evidence, *, on: date) -> bool:
    """Tell whether an answer is on its way that may yet change the price."""
    if evidence.answer in {"valid", "invalid"} and evidence.answered_on == on:
        return False
    rows = VatAnswer.objects.filter(number=buyer.vat_number, next_try_at__isnull=False)
    return _to_be_known(buyer.vat_number) and rows.exists()


def faults() -> list[str]:
    """Say for the operator what keeps VAT numbers from being confirmed; English, in a line each."""
    if not register.on():
        return [OFF]
    given_up = VatAnswer.objects.filter(next_try_at=None, silent_at__isnull=False)
    newest = given_up.order_by("-silent_at")[:FAULTS_SHOWN]
    return [f"VIES did not answer about {row.number}: {row.trouble}" for row in newest]


def _to_be_known(number: str) -> bool:
    return number[:2] in STATES


def _rests(found: VatAnswer, now: datetime) -> bool:
    if found.answered_at is not None and now - found.answered_at < RENEWED_AFTER:
        return True
    return found.silent_at is not None and now - found.silent_at < LEFT_ALONE
