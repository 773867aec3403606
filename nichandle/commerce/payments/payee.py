"""To whom customers transfer money, and the code that a bank's app fills its form from."""

import io
from dataclasses import dataclass

from nichandle.commerce.invoices.errors import SellerMissing
from nichandle.commerce.invoices.selling import sellers
from nichandle.commerce.payments.references import shown
from nichandle.platform.kernel.later import later
from nichandle.platform.kernel.money import Money

iban = later("stdnum.iban")
iso11649 = later("stdnum.iso11649")
epc = later("segno.helpers")

LONGEST_NAME = 70
"""Letters of a payee's name that EPC069-12 has room for."""


@dataclass(frozen=True, slots=True)
class Payee:
    """The account that money goes to."""

    name: str
    iban: str
    bic: str = ""

    @property
    def iban_shown(self) -> str:
        """The IBAN in groups of four (ISO 13616)."""
        return shown(self.iban)


def current() -> Payee | None:
    """Return whom to pay; None where the operator has named no seller, or one without an IBAN."""
    try:
        seller = sellers.current()
    except SellerMissing:
        return None
    number = iban.compact(seller.iban)
    return Payee(seller.name, number, seller.bic) if iban.is_valid(number) else None


def code(payee: Payee, amount: Money, reference: str) -> str:
    """
    Draw the QR code of a SEPA transfer (EPC069-12) as SVG; empty where it can carry none.

    It is made for euros only, and of numbers whose check digits are right.
    """
    right = iban.is_valid(payee.iban) and iso11649.is_valid(reference)
    if amount.currency != "EUR" or not right:
        return ""
    made = epc.make_epc_qr(
        name=payee.name[:LONGEST_NAME],
        iban=payee.iban,
        bic=payee.bic or None,
        amount=amount.amount,
        reference=reference,
    )
    drawn = io.BytesIO()
    made.save(
        drawn, kind="svg", xmldecl=False, svgns=False, omitsize=True, svgclass="qr", lineclass=None
    )
    return drawn.getvalue().decode()
