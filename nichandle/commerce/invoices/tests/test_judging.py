"""The official rules, asked in a process apart; and ours, for what they let pass."""

import os
import random
import signal
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import saxonche
from lxml import etree

from nichandle.commerce.invoices.documents import judging, saxon
from nichandle.commerce.invoices.documents.blind_spots import blind_spots
from nichandle.commerce.invoices.documents.judging import Bench, JudgeSilent, check, judge
from nichandle.commerce.invoices.documents.pruning import pruned
from nichandle.commerce.invoices.documents.rendering import xml_of
from nichandle.commerce.invoices.facts import Document
from nichandle.commerce.invoices.sales.quoting import totals_of
from nichandle.commerce.invoices.tests.kinds import document, german, item, kinds, paid
from nichandle.commerce.invoices.tests.people import TODAY, company, person, seller
from nichandle.platform.kernel.money import Money

NUMBER = "F2026-000123"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"


def xml(name: str = "company") -> bytes:
    return xml_of(kinds("fr")[name], number=NUMBER, issued_on=TODAY)


def rules(found) -> set[str]:
    return {each.rule for each in found}


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (b">89.87</ram:GrandTotalAmount>", b">89.88</ram:GrandTotalAmount>", "BR-CO-15"),
        (b">59.88</ram:LineTotalAmount>", b">59.89</ram:LineTotalAmount>", "BR-CO-10"),
        (b">14.98</ram:CalculatedAmount>", b">14.97</ram:CalculatedAmount>", "BR-CO-14"),
        (b">F2026-000123</ram:ID>", b">F2026 000123</ram:ID>", "BR-FR-02_BT-1"),
        (b">4.99</ram:ChargeAmount>", b">4.9912345</ram:ChargeAmount>", "BR-FR-DEC-03_BT-146"),
        (b"<ram:SubjectCode>PMT<", b"<ram:SubjectCode>PMX<", "BR-FR-05_BT-22_PMT"),
        (b">380</ram:TypeCode>", b">381</ram:TypeCode>", "BR-FR-CO-05_BT-3"),
        (b">FR</ram:CountryID>", b">FX</ram:CountryID>", "FX-SCH-A-000580"),
        (b"ram:CityName", b"ram:CityNome", "XSD"),
        (b"</rsm:CrossIndustryInvoice>", b"", "XML"),
    ],
)
def test_what_is_wrong_is_found_and_named(old, new, rule):
    whole = xml()
    assert old in whole

    found = judge(whole.replace(old, new))

    assert any(each.rule.startswith(rule) for each in found), found
    assert all(each.text for each in found)


def test_an_entity_is_not_followed():
    hostile = xml().replace(
        b"<rsm:Cross", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><rsm:Cross', 1
    )
    hostile = hostile.replace(b"Atelier Belvaux SARL", b"&a;")

    assert rules(judge(hostile)) == {"XML"}


def test_a_judge_that_was_killed_is_replaced():
    assert judge(xml()) == []
    os.kill(judging._bench()._process.pid, signal.SIGKILL)

    assert judge(xml()) == []


def test_a_judge_that_does_not_answer_stops_the_issue(monkeypatch):
    bench, started = Bench(), Bench._started

    def stopped(of):
        process = started(of)
        os.kill(process.pid, signal.SIGSTOP)
        return process

    monkeypatch.setattr(judging, "PATIENCE", 0.2)
    monkeypatch.setattr(judging, "_bench", lambda: bench)
    monkeypatch.setattr(Bench, "_started", stopped)

    with pytest.raises(JudgeSilent):
        judge(xml())
    assert bench._process is None


def test_a_judge_that_has_retired_is_replaced_unnoticed():
    bench = Bench()
    assert bench.ask(xml(), ("fr",)) == []
    first = bench._process
    first.stdin.close()
    first.wait()

    assert bench.ask(xml(), ("fr",)) == []
    assert bench._process.pid != first.pid
    bench.end()


def test_the_judge_has_no_secret_of_ours(monkeypatch):
    monkeypatch.setenv("NICHANDLE_SECRET_KEY", "x" * 50)
    bench = Bench()
    process = bench._started()

    assert bench.ask(xml(), ("fr",)) == []
    assert b"NICHANDLE" not in Path(f"/proc/{process.pid}/environ").read_bytes()
    bench.end()


def test_the_judge_may_take_so_much_memory_and_no_more():
    bench = Bench()
    process = bench._started()
    assert bench.ask(xml(), ("en16931", "fr")) == []

    limits = Path(f"/proc/{process.pid}/limits").read_text("ascii")
    bench.end()

    assert f"Max data size             {saxon.MOST}" in limits


def test_the_versions_named_are_those_of_the_files_that_judge():
    for name, path in judging.FILES.items():
        assert saxon.rules_folder() / saxon.SETS[name] == saxon.rules_folder() / path
        assert len(judging.versions()[Path(path).name]) == 64


def spoilt(text: bytes, chance: random.Random) -> bytes:
    """Return an invoice with two places emptied, changed or taken out."""
    tree = etree.fromstring(text)
    for _turn in range(2):
        leaves = [each for each in tree.iter() if len(each) == 0 and each.getparent() is not None]
        leaf = chance.choice(leaves)
        if chance.random() < 0.5:
            leaf.text = chance.choice(["", "XX", "-1", "9.999", "2026"])
        else:
            leaf.getparent().remove(leaf)
    return etree.tostring(tree)


def verdicts(stylesheet, node) -> list[tuple[str, str, str]]:
    try:
        report = stylesheet.transform_to_string(xdm_node=node)
    except saxonche.PySaxonApiError:
        return [("", "", "no number")]
    found = etree.fromstring(report.encode())
    return sorted(
        (each.tag, each.get("id") or "", each.get("location") or "")
        for each in found.iter(f"{SVRL}failed-assert", f"{SVRL}successful-report")
    )


@pytest.mark.parametrize("name", saxon.SETS)
def test_the_rules_without_empty_walks_judge_as_they_were_published(name):
    chance = random.Random(20)
    short = [made for made in kinds("fr").values() if len(made.lines) < 10]
    whole = [xml_of(made, number=NUMBER, issued_on=TODAY) for made in short]
    texts = [*whole, *(spoilt(text, chance) for text in whole for _turn in range(2))]
    processor = saxonche.PySaxonProcessor(license=False)
    file = saxon.rules_folder() / saxon.SETS[name]
    published = processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(file))
    shorter = processor.new_xslt30_processor().compile_stylesheet(stylesheet_text=pruned(file))
    findings = 0
    for text in texts:
        node = processor.parse_xml(xml_text=text.decode().partition("?>")[2] or text.decode())
        said = verdicts(published, node)
        findings += len(said)

        assert verdicts(shorter, node) == said

    assert findings > 20


def changed(made: Document, **vat) -> Document:
    """Return the document with another VAT on all its lines, its totals added up anew."""
    lines = tuple(replace(line, vat=replace(line.vat, **vat)) for line in made.lines)
    return replace(made, lines=lines, totals=totals_of(lines, made.currency))


OUTSIDE = {"category": "O", "rate": Decimal(0), "code": "VATEX-EU-O", "text": {"fr": "…"}}
NEW_YORK = {"country": "US", "postcode": "10001"}


def wrong() -> dict[str, Document]:
    """Return, by the rule of ours it breaks, a document."""
    whole, (berlin, proof) = document(company()), german()
    abroad = document(person(**NEW_YORK))
    no_number = replace(berlin, vat_number="")
    mixed = document(person(**NEW_YORK), [item(), item("1", "50", vat_class="goods", period=None)])
    back = document(company(), [item("-1", "5")], kind="credit_note", corrects=("F2026-1", TODAY))
    return {
        "OWN-01": document(person(handle="dm 429850 OVH")),
        "OWN-02": document(seller=seller(siren="", vat_number="")),
        "OWN-03": replace(whole, totals=replace(whole.totals, gross=Money(Decimal(1), "EUR"))),
        "OWN-04": replace(
            whole, paid=replace(paid(whole), amount=Money(Decimal("1000.00"), "EUR"))
        ),
        "OWN-05": document(company(), currency="USD"),
        "OWN-06": replace(document(berlin, evidence=proof), buyer=no_number),
        "OWN-07": changed(
            document(company(vat_number="CHE123456788", **NEW_YORK)),
            category="AE",
            code="VATEX-EU-AE",
            text={"fr": "Autoliquidation"},
        ),
        "OWN-08": changed(document(seller=seller(regime="franchise")), code=""),
        "OWN-09": changed(whole, **OUTSIDE),
        "OWN-10": changed(abroad, category="G", code="VATEX-EU-G"),
        "OWN-11": mixed,
        "OWN-12": document(company(), kind="credit_note"),
        "OWN-13": back,
        "OWN-14": document(company(), []),
    }


@pytest.mark.parametrize("rule", wrong())
def test_what_official_rules_let_pass_is_refused_by_ours(rule):
    assert rule in rules(blind_spots(wrong()[rule]))


def test_every_rule_of_ours_has_its_example():
    text = Path(blind_spots.__code__.co_filename).read_text("utf-8")
    named = {
        word.strip('",(') for word in text.split() if word.startswith(('"OWN-', 'Broken("OWN-'))
    }

    assert {name.removeprefix('Broken("') for name in named} == set(wrong())


@pytest.mark.parametrize("name", kinds("fr"))
def test_what_is_right_breaks_none_of_ours(name):
    assert blind_spots(kinds("fr")[name]) == []


def test_a_document_that_cannot_be_issued_says_which_rule_and_what_is_missing():
    found = check(document(person(email="", electronic_address="")), on=TODAY)

    assert rules(found) == {"BR-FR-12_BT-49"}
    assert "BT-49" in found[0].text
