"""Our own look at the finished PDF: what the known judges do not see."""

import re
from typing import Any

from nichandle.commerce.invoices.documents import xmp
from nichandle.platform.kernel.later import later

etree = later("lxml.etree", seldom=True)

_PROFILES = {"urn:cen.eu:en16931:2017": xmp.LEVEL}
_ONCE = {
    b"/Type/EmbeddedFile": 1,
    b"/Subtype/text#2Fxml": 1,
    b"/AFRelationship/Alternative": 1,
    b"/AFRelationship": 1,
    b"(factur-x.xml)": 3,
}
"""What stands so many times in the file: the name in the list of files, and twice where it lies."""
_PACKET = re.compile(rb"<\?xpacket begin=.*?<\?xpacket end=[^>]*>", re.DOTALL)


class NotWhole(ValueError):
    """A PDF that is no Factur-X, although it may be valid otherwise."""


def check(pdf: bytes, xml: bytes) -> None:
    """
    Look at what is inside: one file, of the right name, kind and relation, announced as it is.

    typst writes these objects plain, so that they are counted without reading the file whole.

    :raises NotWhole: with what is wrong
    """
    for written, times in _ONCE.items():
        if pdf.count(written) != times:
            raise NotWhole(f"{pdf.count(written)} times {written.decode()}")
    told = _told(pdf)
    profile = _read(xml).findtext(".//{*}GuidelineSpecifiedDocumentContextParameter/{*}ID")
    expected = {
        "DocumentType": "INVOICE",
        "DocumentFileName": xmp.FILE_NAME,
        "Version": xmp.VERSION,
        "ConformanceLevel": _PROFILES.get(profile or ""),
    }
    if told != expected:
        raise NotWhole(f"the metadata says {told}, the XML {expected}")


def _told(pdf: bytes) -> dict[str, str]:
    packets = _PACKET.findall(pdf)
    if len(packets) != 1:
        raise NotWhole(f"{len(packets)} packets of metadata")
    tree = _read(packets[0])
    return {
        element.tag.rpartition("}")[2]: element.text
        for element in tree.iter(f"{{{xmp.NAMESPACE}}}*")
    }


def _read(xml: bytes) -> Any:
    return etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
