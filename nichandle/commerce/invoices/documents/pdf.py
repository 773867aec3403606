"""The page: typst sets it, as PDF/A-3a and PDF/UA-1, with the XML attached."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from threading import local
from typing import Any

from nichandle.commerce.invoices.documents import xmp
from nichandle.platform.kernel.later import later

typst = later("typst", seldom=True)

DATA = Path(__file__).with_name("data")
_OWN = local()
STANDARDS = ("a-3a", "ua-1")


def pdf_of(page: Mapping[str, Any], xml: bytes, *, issued_on: date) -> bytes:
    """
    Return the PDF of a page's words with the XML inside; the same bytes for the same facts.

    All words go in as one JSON text: nothing a customer typed is ever source of typst.
    """
    made: bytes = _compiler().compile(
        format="pdf",
        sys_inputs={"page": json.dumps(page), "xml": xml.decode()},
        pdf_standards=list(STANDARDS),
        timestamp=datetime.combine(issued_on, time(12), UTC),
    )
    return xmp.announce(made)


def _compiler() -> Any:
    """Return this thread's own: one that two threads ask at once raises "already borrowed"."""
    if not hasattr(_OWN, "compiler"):
        _OWN.compiler = typst.Compiler(str(DATA / "invoice.typ"), font_paths=_fonts())
    return _OWN.compiler


@cache
def _fonts() -> Any:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(DATA)]
    )


@cache
def letters() -> frozenset[int]:
    """Return the letters that the typefaces have."""
    ranges = [line.split("-") for line in (DATA / "letters.txt").read_text("ascii").split()]
    return frozenset(
        point for low, high in ranges for point in range(int(low, 16), int(high, 16) + 1)
    )
