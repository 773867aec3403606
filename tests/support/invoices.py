"""A quick stand-in for judging and setting a document, where a test is about numbers."""

from hashlib import sha256

import pytest

from nichandle.commerce.invoices.documents import judging, rendering
from nichandle.commerce.invoices.documents.rendering import RenderedInvoice


@pytest.fixture
def quick_files(monkeypatch):
    """Set documents as a few bytes that name their number: rendering has tests of its own."""

    def render(document, *, number, issued_on):
        pdf, xml = (f"{kind} {number} {issued_on}".encode() for kind in ("pdf", "xml"))
        digests = [sha256(content).hexdigest() for content in (pdf, xml)]
        return RenderedInvoice(pdf, xml, *digests, evidence={})

    monkeypatch.setattr(judging, "check", lambda document, *, on: [])
    monkeypatch.setattr(rendering, "render", render)
