"""Lists as files for spreadsheets: CSV, separated as the reader expects, written in a stream."""

import csv
import re
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse

from nichandle.platform.kernel.wording import languages

FORMULA = re.compile(r"(^|[;,\t\r\n]\s*)([=+\-@])")
"""Where a spreadsheet may begin a cell, and what makes it a formula."""
NUMBER = re.compile(r"-?[0-9][0-9 .,\u00a0\u202f]*\Z")
"""An amount below zero begins as a formula does, and is none."""


def csv_file(name: str, rows: Iterable[Iterable[object]]) -> StreamingHttpResponse:
    """Answer with a file of this name; the first row holds the headings."""
    response = StreamingHttpResponse(_written(rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


class _Echo:
    """Gives each written line back, so that the file streams."""

    def write(self, text: str) -> str:
        return text


def _written(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    # The mark tells spreadsheets that this is UTF-8.
    yield "\ufeff"
    writer = csv.writer(_Echo(), delimiter=languages.cell_separator(languages.current()))
    for row in rows:
        yield writer.writerow([_harmless(str(cell)) for cell in row])


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from taking a text for a formula (CSV injection)."""
    return cell if NUMBER.match(cell) else FORMULA.sub(r"\1'\2", cell)
