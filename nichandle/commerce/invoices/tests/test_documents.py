"""An invoice as PDF and XML: of every kind, in both languages, valid, and the identifier on top."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from io import BytesIO

import pypdf
import pypdfium2
import pytest
from django.utils import translation

from nichandle.commerce.invoices.documents import container, layout, pdf, xmp
from nichandle.commerce.invoices.documents.judging import FRENCH, check, judge, rules_of
from nichandle.commerce.invoices.documents.rendering import RenderedInvoice, render, xml_of
from nichandle.commerce.invoices.facts import Document, Evidence
from nichandle.commerce.invoices.sales.parties import siren_of
from nichandle.commerce.invoices.tests.kinds import document, item, kinds
from nichandle.commerce.invoices.tests.people import HANDLE, TODAY, company, person, seller
from nichandle.commerce.invoices.tests.test_vat import SELLERS, buyer_of, documented

NUMBER = "F2026-000123"
EVERY = [(name, language) for language in ("fr", "en") for name in kinds(language)]


@cache
def rendered(name: str, language: str = "fr") -> tuple[Document, RenderedInvoice]:
    made = kinds(language)[name]
    return made, render(made, number=NUMBER, issued_on=TODAY)


def texts(file: bytes) -> list[str]:
    opened = pypdfium2.PdfDocument(file)
    return [page.get_textpage().get_text_bounded() for page in opened]


def top_right(file: bytes) -> list[str]:
    """Return what is written in the top right quarter of each page."""
    found = []
    for page in pypdfium2.PdfDocument(file):
        width, height = page.get_size()
        found.append(
            page.get_textpage().get_text_bounded(
                left=width / 2, bottom=height / 2, right=width, top=height
            )
        )
    return found


def faults(file: bytes, xml: bytes) -> list[str]:
    """Read the whole file with a library and say what Factur-X wants otherwise."""
    reader = pypdf.PdfReader(BytesIO(file), strict=True)
    found = []
    if {name: list(data) for name, data in reader.attachments.items()} != {"factur-x.xml": [xml]}:
        found.append("not exactly our XML is attached")
    associated = [each.get_object() for each in reader.trailer["/Root"]["/AF"]]
    if len(associated) != 1:
        return [*found, "not exactly one associated file"]
    if associated[0]["/AFRelationship"] != "/Alternative":
        found.append("relationship")
    if {associated[0]["/F"], associated[0]["/UF"]} != {"factur-x.xml"}:
        found.append("name")
    if associated[0]["/EF"]["/F"].get_object()["/Subtype"] != "/text/xml":
        found.append("MIME type")
    told = reader.xmp_metadata.rdf_root.toxml()
    for name, value in (("ConformanceLevel", "EN 16931"), ("DocumentFileName", "factur-x.xml")):
        if f"<fx:{name}>{value}</fx:{name}>" not in told:
            found.append(name)
    for name, value in (("part", "3"), ("conformance", "A")):
        if f"<pdfaid:{name}>{value}</pdfaid:{name}>" not in told:
            found.append(f"PDF/A {name}")
    return found


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_it_breaks_no_rule(name, language):
    assert check(kinds(language)[name], on=TODAY) == []


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_the_identifier_stands_top_right_on_every_page(name, language):
    _document, files = rendered(name, language)
    corners = top_right(files.pdf)
    day = "01/12/2026" if language == "fr" else "1 Dec 2026"

    for place, corner in enumerate(corners, 1):
        assert HANDLE in corner
        assert NUMBER in corner
        assert day in corner
        word = "sur" if language == "fr" else "of"
        assert f"{place} {word} {len(corners)}" in corner


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_the_file_is_the_container_that_factur_x_wants(name, language):
    _document, files = rendered(name, language)

    assert faults(files.pdf, files.xml) == []


@pytest.mark.parametrize("name", ["company", "credit note", "three pages"])
def test_the_same_facts_give_the_same_bytes(name):
    _document, files = rendered(name)
    rendered.cache_clear()
    again = render(Document.of_json(kinds("fr")[name].as_json()), number=NUMBER, issued_on=TODAY)

    assert again == files


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_typst_has_nothing_to_warn_of(name, language):
    made, files = kinds(language)[name], {"xml": "<x/>"}
    with translation.override(language):
        page = layout.page_of(made, number=NUMBER, issued_on=TODAY)
    _pdf, warnings = pdf._compiler().compile_with_warnings(
        format="pdf", sys_inputs={"page": json.dumps(page), **files}
    )

    assert [str(warning) for warning in warnings] == []


def test_threads_do_not_get_into_each_others_way():
    made = kinds("fr")["company"]

    def work(place: int) -> str:
        return render(made, number=f"F2026-{place % 4:06d}", issued_on=TODAY).pdf_sha256

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(work, range(16)))) == 4


def test_three_pages_are_three_pages():
    _document, files = rendered("three pages")

    assert len(texts(files.pdf)) == 3


def worked(row: list[str]) -> Document:
    address, kind, number, answer, vat_class, regime = row[:6]
    return document(
        buyer_of(address, kind, number),
        [item(vat_class=vat_class)],
        seller=seller(**SELLERS[regime]),
        evidence=Evidence(
            number,
            answer or "none",
            TODAY if answer else None,
            eu_sales=20000 if regime == "above" else 0,
            resells_telecom=regime == "resale",
        ),
    )


@pytest.mark.parametrize("row", documented(), ids=lambda row: "-".join(row[:6]))
def test_every_row_of_the_vat_table_is_a_valid_invoice(row):
    assert check(worked(row), on=TODAY) == []


def test_vat_of_another_state_is_not_for_the_french_rules_and_the_evidence_says_so():
    made, files = rendered("finland")
    broken = judge(xml_of(made, number=NUMBER, issued_on=TODAY), (FRENCH,))

    assert {each.rule for each in broken} == {"BR-FR-16_BT-119", "BR-FR-16_BT-152"}
    assert FRENCH not in rules_of(made).sets
    assert "25.5" in files.evidence["fr"]


def test_the_evidence_names_the_rules_and_their_versions():
    _document, files = rendered("company")

    assert files.evidence["factur-x"]
    assert len(files.evidence["FACTUR-X_EN16931.xslt"]) == 64
    assert len(files.pdf_sha256) == len(files.xml_sha256) == 64


def xml_text(name: str, language: str = "fr") -> str:
    return rendered(name, language)[1].xml.decode()


def test_what_is_outside_vat_names_no_vat_number():
    text = xml_text("new york")

    assert 'schemeID="VA"' not in text
    assert "<ram:RateApplicablePercent>" not in text
    assert "<ram:ExemptionReasonCode>VATEX-EU-O</ram:ExemptionReasonCode>" in text


def test_a_reverse_charge_names_both_numbers():
    assert re.findall(r'schemeID="VA">(\w+)<', xml_text("germany")) == [
        "FR44732829320",
        "DE136695976",
    ]


@pytest.mark.parametrize(
    ("country", "number", "vat_number", "siren"),
    [
        ("FR", "552081317", "FR03552081317", "552081317"),
        ("RE", "55208131766522", "", "552081317"),
        ("FR", "", "FR03552081317", "552081317"),
        ("FR", "W751234567", "FR03552081317", "552081317"),
        ("MC", "552081317", "", "552081317"),
        ("MC", "56S01234", "FR31000024885", ""),
        ("FR", "552081318", "", ""),
        ("PT", "552081317", "", ""),
        ("CH", "105805649", "", ""),
    ],
)
def test_only_a_number_of_the_french_register_is_a_siren(country, number, vat_number, siren):
    buyer = company(
        country=country, company_number=number, vat_number=vat_number, electronic_address=""
    )
    xml = xml_of(replace(document(), buyer=buyer), number=NUMBER, issued_on=TODAY).decode()

    assert siren_of(buyer) == siren
    assert (f'schemeID="0225">{siren}<' in xml) == bool(siren)
    assert ('schemeID="EM"' in xml) == (not siren)


def test_a_franchise_without_vat_number_names_its_siren():
    assert 'schemeID="FC">732829320<' in xml_text("franchise")


def test_the_xml_says_whether_it_was_paid_before():
    assert "<ram:ID>S1</ram:ID>" in xml_text("company")
    text = xml_text("paid")
    assert "<ram:ID>S2</ram:ID>" in text
    assert "<ram:DuePayableAmount>0.00</ram:DuePayableAmount>" in text


def test_what_was_paid_in_part_asks_for_the_rest():
    _document, files = rendered("half paid")
    page = texts(files.pdf)[0]

    assert "<ram:ID>S1</ram:ID>" in files.xml.decode()
    assert "<ram:DuePayableAmount>49.87</ram:DuePayableAmount>" in files.xml.decode()
    assert "49,87" in page
    assert "Virement par photo" in page


def test_a_word_without_end_stays_in_its_column():
    word = "x" * 200
    made = document(person(name=word), [item(label=word, details=word)])
    opened = pypdfium2.PdfDocument(render(made, number=NUMBER, issued_on=TODAY).pdf)
    width, height = opened[0].get_size()
    beyond = (
        opened[0]
        .get_textpage()
        .get_text_bounded(left=width - 50, bottom=0, right=width, top=height)
    )

    assert "x" not in beyond.replace("BOUXXX", "")


def test_a_credit_note_names_what_it_corrects_in_both():
    made, files = rendered("credit note")
    text, page = files.xml.decode(), texts(files.pdf)[0]

    assert "<ram:TypeCode>381</ram:TypeCode>" in text
    assert "<ram:IssuerAssignedID>F2026-000100</ram:IssuerAssignedID>" in text
    assert "Cet avoir corrige la facture F2026-000100 du 3 novembre 2026." in page
    assert made.cause in page


def test_another_currency_says_its_vat_in_euros_too():
    text = xml_text("dollars")

    assert '<ram:TaxTotalAmount currencyID="EUR">13.78</ram:TaxTotalAmount>' in text
    assert "0,9204" in texts(rendered("dollars")[1].pdf)[0]


@pytest.mark.parametrize("name", ["company", "public"])
def test_professionals_read_what_they_owe_when_they_pay_late(name):
    page = texts(rendered(name)[1].pdf)[0]

    assert "Pénalités de retard" in page
    assert "40" in page
    assert "Pas d’escompte" in page
    assert "d’après les débits" in page


def test_consumers_read_who_mediates_and_nothing_of_what_professionals_owe():
    page = texts(rendered("person")[1].pdf)[0]

    assert "Médiateur de la consommation" in page
    assert "Indemnité" not in page


def test_the_page_explains_an_unusual_rate():
    page = " ".join(texts(rendered("réunion")[1].pdf)[0].split())

    assert "Pourquoi 8,5 % ?" in page.replace("\u00a0", " ")
    assert "Pourquoi" not in texts(rendered("company")[1].pdf)[0]


def test_no_vat_says_by_which_article():
    assert "art. 293 B du CGI" in texts(rendered("franchise")[1].pdf)[0]
    assert "Autoliquidation" in texts(rendered("germany")[1].pdf)[0]
    assert "259 D" in texts(rendered("new york")[1].pdf)[0]


def test_every_page_names_the_seller_as_the_register_does():
    for page in texts(rendered("three pages")[1].pdf):
        assert "SAS au capital de 10 000 €" in page.replace("\u00a0", " ")
        assert "RCS Lille Métropole 732 829 320" in page
        assert "SIRET 73282932000074" in page


def test_a_demonstration_says_that_it_is_one():
    assert "Spécimen" in texts(rendered("demonstration")[1].pdf)[0]


def test_the_transfer_can_be_photographed_while_it_is_unpaid():
    assert "Virement par photo" in texts(rendered("company")[1].pdf)[0]
    assert "FR76 3000" in texts(rendered("company")[1].pdf)[0].replace("\u00a0", " ")


@pytest.mark.parametrize("name", ["paid", "credit note", "zero"])
def test_nobody_is_asked_to_pay_what_is_not_owed(name):
    assert "IBAN" not in texts(rendered(name)[1].pdf)[0]


def test_the_code_is_for_euros_alone():
    page = texts(rendered("dollars")[1].pdf)[0]

    assert "IBAN" in page
    assert "Virement par photo" not in page


HOSTILE = [
    '#import "@preview/evil:1.0.0"',
    '#pdf.attach("x")',
    "$ sum $ *bold* _it_ <label> @ref // no",
    "</rdf:RDF><x/>",
    "]]> & < > ' \"",
    "\\u{41} \\n",
    "Zoë Ångström-Œuvre ẞ Łódź Ελένη Иван",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_customer_typed_is_text_and_nothing_else(name):
    made = document(person(name=name, lines=(name,)), [item(label=name, details=name)])
    files = render(made, number=NUMBER, issued_on=TODAY)

    assert faults(files.pdf, files.xml) == []
    assert check(made, on=TODAY) == []
    assert name.split()[0] in texts(files.pdf)[0]


@pytest.mark.parametrize(
    ("name", "shown"), [("東京 商店", "DongJing"), ("محمد", "mhmd"), ("Ana 🚀", "rocket")]
)
def test_letters_that_the_typefaces_lack_are_written_in_others_and_kept_in_the_xml(name, shown):
    made = document(person(name=name))
    files = render(made, number=NUMBER, issued_on=TODAY)

    assert shown in texts(files.pdf)[0]
    assert name in files.xml.decode()


def test_every_letter_of_the_list_has_a_drawing():
    """PDF/A refuses one that has none: typst says so."""
    every = "".join(chr(point) for point in sorted(pdf.letters()) if chr(point).isprintable())

    made = document(person(name="Zoé"), [item(details=every)])
    assert render(made, number=NUMBER, issued_on=TODAY).pdf


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<fx:ConformanceLevel>EN 16931<", b"<fx:ConformanceLevel>BASIC   <"),
        (b"<fx:DocumentFileName>factur-x.xml<", b"<fx:DocumentFileName>facture.xml <"),
        (b"/AFRelationship/Alternative", b"/AFRelationship/Data       "),
        (b"/Subtype/text#2Fxml", b"/Subtype/text#2Fxls"),
        (b"/Type/EmbeddedFile", b"/Type/EmbeddedFila"),
    ],
)
def test_a_container_that_says_something_else_is_noticed(old, new):
    _document, files = rendered("company")
    assert old in files.pdf

    with pytest.raises(container.NotWhole):
        container.check(files.pdf.replace(old, new), files.xml)


def test_a_pdf_of_another_shape_is_refused_rather_than_spliced():
    _document, files = rendered("company")

    for file in (b"", b"%PDF-1.7", files.pdf.replace(b"/Subtype/XML", b"/Subtype/YML")):
        with pytest.raises(xmp.NotAsExpected):
            xmp.announce(file)
