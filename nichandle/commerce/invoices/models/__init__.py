"""
What this room keeps.

issued      documents: as drafts, as they were issued, and what changes beside them
handed_out  years as ZIP files, links to one document, addresses that get copies
numbers     VAT numbers, and what VIES has said of them
"""

from nichandle.commerce.invoices.models.handed_out import (
    Archive,
    ArchiveFile,
    InvoiceCopy,
    InvoiceLink,
)
from nichandle.commerce.invoices.models.issued import (
    CAUSE_LENGTH,
    MEANS_LENGTH,
    NUMBER_LENGTH,
    Claim,
    Draft,
    Invoice,
    InvoiceContent,
    InvoiceLine,
    InvoiceStanding,
    Lease,
    Series,
    ServiceLink,
)
from nichandle.commerce.invoices.models.numbers import VatAnswer

__all__ = [
    "CAUSE_LENGTH",
    "MEANS_LENGTH",
    "NUMBER_LENGTH",
    "Archive",
    "ArchiveFile",
    "Claim",
    "Draft",
    "Invoice",
    "InvoiceContent",
    "InvoiceCopy",
    "InvoiceLine",
    "InvoiceLink",
    "InvoiceStanding",
    "Lease",
    "Series",
    "ServiceLink",
    "VatAnswer",
]
