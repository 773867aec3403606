"""“Is this invoice really yours?”: asked by anybody, by number, amount and fingerprint."""

from decimal import Decimal

from nichandle.commerce.invoices.models import NUMBER_LENGTH, Invoice, InvoiceContent
from nichandle.platform.kernel.act import Act
from nichandle.platform.limits.operations import spend


def genuine(number: str, amount: Decimal, fingerprint: str, *, act: Act) -> bool:
    """
    Tell whether a document of this number and amount was issued; and these bytes, if they are said.

    ``amount`` is with VAT, ``fingerprint`` the SHA-256 of its PDF or its XML, or empty. What is
    unknown and what is wrong get the same answer.

    :raises Exhausted: when one network asks too often
    """
    spend("invoice.check", key=act.origin.network, now=act.now)
    invoice = Invoice.objects.filter(number=number[:NUMBER_LENGTH]).first()
    if invoice is None or invoice.gross.amount != amount:
        return False
    return (
        not fingerprint
        or InvoiceContent.objects.filter(invoice=invoice, sha256=fingerprint).exists()
    )
