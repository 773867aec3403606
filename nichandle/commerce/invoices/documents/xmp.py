"""
The part of a PDF's metadata that says there is an e-invoice inside (Factur-X 1.0, section 6.2.2).

typst writes the metadata stream plain and a classic table of objects, so the packet is replaced
where it stands and the offsets behind it move. A PDF library would read and write the whole file
anew: 70 to 600 milliseconds where this takes less than one. A file of another shape is refused.
"""

import re

NAMESPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
FILE_NAME, LEVEL, VERSION = "factur-x.xml", "EN 16931", "1.0"
_PROPERTIES = "".join(
    f'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>'
    "<pdfaProperty:valueType>Text</pdfaProperty:valueType>"
    "<pdfaProperty:category>external</pdfaProperty:category>"
    f"<pdfaProperty:description>{description}</pdfaProperty:description></rdf:li>"
    for name, description in (
        ("DocumentFileName", "name of the embedded XML invoice file"),
        ("DocumentType", "INVOICE"),
        ("Version", "version of the XML data"),
        ("ConformanceLevel", "conformance level of the XML data"),
    )
)
_SCHEMA = (
    '<rdf:li rdf:parseType="Resource">'
    "<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>"
    f"<pdfaSchema:namespaceURI>{NAMESPACE}</pdfaSchema:namespaceURI>"
    "<pdfaSchema:prefix>fx</pdfaSchema:prefix>"
    f"<pdfaSchema:property><rdf:Seq>{_PROPERTIES}</rdf:Seq></pdfaSchema:property></rdf:li>"
).encode()
_FACTS = (
    f'<rdf:Description rdf:about="" xmlns:fx="{NAMESPACE}">'
    "<fx:DocumentType>INVOICE</fx:DocumentType>"
    f"<fx:DocumentFileName>{FILE_NAME}</fx:DocumentFileName>"
    f"<fx:Version>{VERSION}</fx:Version><fx:ConformanceLevel>{LEVEL}</fx:ConformanceLevel>"
    "</rdf:Description>"
).encode()
# There is a bag already, for PDF/UA: a second were a property said twice (ISO 19005-3, 6.6.2.1).
_BAG_END = b"</rdf:Bag></pdfaExtension:schemas>"
_END = b"</rdf:RDF>"
_STREAM = re.compile(rb"<</Length (\d+)/Type/Metadata/Subtype/XML>>\nstream\n")
_ENTRY = re.compile(rb"(\d{10}) (\d{5}) n")
_START = re.compile(rb"startxref\n\d+")


class NotAsExpected(ValueError):
    """The PDF is not as typst wrote it so far: a new release of it, to be looked at."""


def announce(pdf: bytes) -> bytes:
    """
    Return the PDF with metadata that announces ``factur-x.xml``.

    :raises NotAsExpected: when the file is not built as this splice knows it
    """
    head = _STREAM.search(pdf)
    table = pdf.rfind(b"\nxref\n") + 1
    if head is None or not table:
        raise NotAsExpected("no plain metadata, or no plain table of objects")
    start = head.end()
    end = start + int(head[1])
    packet = pdf[start:end]
    if packet.count(_BAG_END) != 1 or packet.count(_END) != 1:
        raise NotAsExpected("the metadata has another shape")
    packet = packet.replace(_BAG_END, _SCHEMA + _BAG_END).replace(_END, _FACTS + _END)
    stream = head[0].replace(head[1], b"%d" % len(packet), 1) + packet
    moved = len(stream) - (end - head.start())
    tail = _ENTRY.sub(lambda entry: _shifted(entry, head.start(), moved), pdf[table:])
    tail = _START.sub(b"startxref\n%d" % (table + moved), tail)
    return pdf[: head.start()] + stream + pdf[end:table] + tail


def _shifted(entry: re.Match[bytes], behind: int, moved: int) -> bytes:
    at = int(entry[1])
    return entry[0] if at <= behind else b"%010d %s n" % (at + moved, entry[2])
