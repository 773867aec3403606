"""A document with its number and day, as the files that are kept and sent."""

from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from django.utils import translation

from nichandle.commerce.invoices.documents import cii, container, layout, pdf
from nichandle.commerce.invoices.documents.judging import rules_of, versions
from nichandle.commerce.invoices.facts import Document


@dataclass(frozen=True, slots=True)
class RenderedInvoice:
    """The finished files with their SHA-256, and by which rules they were made."""

    pdf: bytes
    xml: bytes
    pdf_sha256: str
    xml_sha256: str
    evidence: dict[str, str] = field(default_factory=dict)


def xml_of(document: Document, *, number: str, issued_on: date) -> bytes:
    """Return the XML alone, in the document's language."""
    with translation.override(document.language):
        return cii.xml_of(document, number=number, issued_on=issued_on)


def render(document: Document, *, number: str, issued_on: date) -> RenderedInvoice:
    """
    Return PDF and XML of a document: the same bytes whenever it is asked for the same.

    :raises container.NotWhole: when the finished PDF is not the container that it should be
    :raises xmp.NotAsExpected: when typst writes another shape of file than it used to
    """
    with translation.override(document.language):
        xml = cii.xml_of(document, number=number, issued_on=issued_on)
        page = layout.page_of(document, number=number, issued_on=issued_on)
        made = pdf.pdf_of(page, xml, issued_on=issued_on)
    container.check(made, xml)
    return RenderedInvoice(
        pdf=made,
        xml=xml,
        pdf_sha256=sha256(made).hexdigest(),
        xml_sha256=sha256(xml).hexdigest(),
        evidence={**versions(), **rules_of(document).said},
    )
