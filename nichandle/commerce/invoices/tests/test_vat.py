"""Which VAT a sale bears: every row of the documented table, and what is asked instead."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest
from django.utils import translation

from nichandle.commerce.invoices.facts import Evidence, Party, Sign, Vat
from nichandle.commerce.invoices.tests.people import TODAY, company, person, seller
from nichandle.commerce.invoices.vat import tables, territories
from nichandle.commerce.invoices.vat.asking import NumberElsewhere, PlaceNotClear
from nichandle.commerce.invoices.vat.deciding import decide
from nichandle.commerce.invoices.vat.tables import NoRate
from tests.house.test_translations import typography
from tests.house.tree import ROOT

SELLERS = {
    "": {},
    "above": {},
    "oss": {"oss": True},
    "franchise": {"regime": "franchise"},
    "local": {"local_vat_numbers": {"DE": "DE999999999"}},
    "resale": {},
}
ABOVE = Decimal("10000.01")


def documented() -> list[list[str]]:
    text = (ROOT / "docs" / "algorithms" / "vat.md").read_text("utf-8")
    lines = text.split("| address |")[1].splitlines()[2:]
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith("|")
    ]


def buyer_of(address: str, kind: str, number: str) -> Party:
    country, postcode = address.split(" ", 1)
    return person(
        country=country,
        postcode=postcode,
        kind="corporation" if kind == "registered" else kind,
        company_number="552081317" if kind == "registered" else "",
        vat_number=number,
    )


def decided(row: list[str]) -> Vat:
    address, kind, number, answer, vat_class, regime = row[:6]
    return decide(
        vat_class,
        buyer=buyer_of(address, kind, number),
        seller=seller(**SELLERS[regime]),
        on=TODAY,
        evidence=Evidence(
            vat_number=number,
            answer=answer or "none",
            answered_on=TODAY if answer else None,
            consultation="WAPIAAAAY9" if answer == "valid" else "",
            eu_sales=ABOVE if regime == "above" else Decimal(0),
            resells_telecom=regime == "resale",
        ),
    )


@pytest.mark.parametrize("row", documented(), ids=lambda row: "-".join(row[:6]))
def test_every_row_of_the_documented_table_is_decided_as_it_says(row):
    found = decided(row)

    assert [found.row, f"{found.category} {found.rate}", found.code, found.channel] == [
        row[6],
        *row[8:],
    ]


def test_every_row_of_the_file_is_worked_in_the_documented_table():
    assert {row.key for row in tables.rows()} == {row[6] for row in documented()}


@pytest.mark.parametrize("row", documented(), ids=lambda row: "-".join(row[:6]))
def test_every_decision_explains_itself_in_both_languages(row):
    found = decided(row)

    assert set(found.reason) == {"fr", "en"}
    assert not typography(" ".join((found.reason["fr"], *found.text.values())))
    for text in (*found.reason.values(), *found.text.values()):
        assert text
        assert not set("{}") & set(text)
    if found.category != "S":
        assert found.code.startswith("VATEX-")
        assert set(found.text) == {"fr", "en"}


def test_the_sentence_names_place_and_rate():
    found = decide("electronic", buyer=person(country="RE", postcode="97400"), **sale())

    assert "à La Réunion" in found.reason["fr"]
    assert "8,5\u00a0%" in found.reason["fr"]
    assert "8.5%" in found.reason["en"]


def test_the_sentence_names_number_and_consultation():
    found = decided(["DE 10115", "corporation", "DE136695976", "valid", "electronic", ""])

    assert "DE136695976" in found.reason["fr"]
    assert "1er décembre 2026 (consultation WAPIAAAAY9)" in found.reason["fr"]
    assert "1 December 2026" in found.reason["en"]


def test_every_combination_of_circumstances_meets_a_row():
    zones = {territory.zone for territory in known_territories()} | {"world"}
    dimensions = {
        "regime": ["normal", "franchise"],
        "class": ["electronic", "telecom", "goods", "advice"],
        "zone": sorted(zones),
        "holder": ["business", "public", "consumer"],
        "number": ["valid", "unproven", "none"],
        "siren": [True, False],
        "oss": [True, False],
        "local": [True, False],
        "resale": [True, False],
    }
    for values in product(*dimensions.values()):
        circumstances = dict(zip(dimensions, values, strict=True))
        if (circumstances["holder"], circumstances["number"]) == ("consumer", "valid"):
            continue
        row = next((row for row in tables.rows() if row.holds(circumstances)), None)

        assert row, circumstances
        assert circumstances["holder"] in row.channel, (row.key, circumstances)


def test_every_condition_of_the_file_names_something_that_exists():
    zones = {territory.zone for territory in known_territories()} | {"world"}

    for row in tables.rows():
        assert row.when.get("zone", set()) <= zones, row.key
        assert row.category in {"S", "E", "AE", "K", "G", "O"}
        assert bool(row.rate) == (row.category == "S"), row.key
        assert row.law, row.key


def test_every_place_that_bears_vat_has_a_rate_today():
    for territory in known_territories():
        if territory.rates:
            assert 0 < tables.rate(territory.rates, TODAY) <= 27, territory.code


@pytest.mark.parametrize(
    ("place", "on", "rate"),
    [
        ("DE", date(2020, 6, 30), "19"),
        ("DE", date(2020, 7, 1), "16"),
        ("DE", date(2021, 1, 1), "19"),
        ("EE", date(2025, 6, 30), "22"),
        ("EE", date(2025, 7, 1), "24"),
        ("RO", date(2025, 8, 1), "21"),
        ("FI", date(2024, 9, 1), "25.5"),
        ("SK", date(2024, 12, 31), "20"),
    ],
)
def test_a_rate_is_that_of_its_day(place, on, rate):
    assert tables.rate(place, on) == Decimal(rate)


def test_a_day_before_the_table_has_no_rate_rather_than_a_wrong_one():
    with pytest.raises(NoRate):
        tables.rate("FR", date(2013, 12, 31))


def test_an_answer_of_the_day_before_yesterday_proves_nothing():
    buyer = company(country="DE", postcode="10115", vat_number="DE136695976")
    asked = Evidence("DE136695976", "valid", TODAY - timedelta(days=1))

    assert decide("electronic", buyer=buyer, **sale(asked)).category == "AE"
    older = replace(asked, answered_on=TODAY - timedelta(days=2))
    assert decide("electronic", buyer=buyer, **sale(older)).row == "eu-business-unproven"
    tomorrow = replace(asked, answered_on=TODAY + timedelta(days=1))
    assert decide("electronic", buyer=buyer, **sale(tomorrow)).row == "eu-business-unproven"


def test_the_answer_about_another_number_proves_nothing():
    buyer = company(country="DE", postcode="10115", vat_number="DE136695976")
    asked = Evidence("DE811569869", "valid", TODAY)

    assert decide("electronic", buyer=buyer, **sale(asked)).row == "eu-business-unproven"


def test_a_siren_alone_never_gives_a_reverse_charge():
    buyer = company(country="DE", postcode="10115", vat_number="")

    assert decide("electronic", buyer=buyer, **sale()).category == "S"


def test_the_threshold_counts_from_the_first_euro_above():
    at = Evidence(eu_sales=Decimal(10000))
    buyer = person(country="FI", postcode="00100")

    assert decide("electronic", buyer=buyer, **sale(at)).rate == Decimal(20)
    above = replace(at, eu_sales=ABOVE)
    assert decide("electronic", buyer=buyer, **sale(above)).rate == Decimal("25.5")


def test_one_sign_against_the_address_asks_the_customer():
    told = Evidence(eu_sales=ABOVE, places=(Sign("FR", "bank"),))

    with translation.override("en"), pytest.raises(PlaceNotClear) as refused:
        decide("electronic", buyer=person(country="DE", postcode="10115"), **sale(told))

    assert "Germany" in str(refused.value)
    assert "France" in str(refused.value)


def test_two_signs_that_agree_outweigh_a_third():
    told = Evidence(eu_sales=ABOVE, places=(Sign("DE", "bank"), Sign("FR", "network")))
    buyer = person(country="DE", postcode="10115")

    assert decide("electronic", buyer=buyer, **sale(told)).rate == Decimal(19)


def test_two_signs_against_the_address_ask_even_where_one_agrees():
    places = (Sign("DE", "bank"), Sign("FR", "network"), Sign("FR", "telephone"))

    with pytest.raises(PlaceNotClear):
        decide(
            "electronic",
            buyer=person(country="DE", postcode="10115"),
            **sale(Evidence(eu_sales=ABOVE, places=places)),
        )


def test_signs_that_change_nothing_ask_nobody():
    told = Evidence(places=(Sign("FR", "bank"),))

    below = decide("electronic", buyer=person(country="DE", postcode="10115"), **sale(told))
    assert below.rate == Decimal(20)
    outside = Evidence(places=(Sign("CA", "network"),))
    assert decide("electronic", buyer=person(country="US"), **sale(outside)).category == "O"


def test_a_bank_in_reunion_is_french_and_no_contradiction():
    told = Evidence(places=(Sign("FR", "bank"),))
    buyer = person(country="RE", postcode="97400")

    assert decide("electronic", buyer=buyer, **sale(told)).rate == Decimal("8.5")


def test_a_proven_number_outweighs_where_the_network_is():
    told = Evidence("DE136695976", "valid", TODAY, places=(Sign("FR", "network"),))
    buyer = company(country="DE", postcode="10115", vat_number="DE136695976")

    assert decide("electronic", buyer=buyer, **sale(told)).category == "AE"


def test_a_number_of_another_state_asks_the_customer():
    told = Evidence("IT00743110157", "valid", TODAY)

    with pytest.raises(NumberElsewhere, match="IT00743110157"):
        decide(
            "electronic",
            buyer=company(country="DE", postcode="10115", vat_number="IT00743110157"),
            **sale(told),
        )


@pytest.mark.parametrize(("country", "postcode"), [("GP", "75001"), ("AX", "00100")])
def test_a_place_with_a_postcode_of_elsewhere_asks_the_customer(country, postcode):
    with pytest.raises(PlaceNotClear):
        decide("electronic", buyer=person(country=country, postcode=postcode), **sale())


@pytest.mark.parametrize(
    ("country", "postcode", "code"),
    [
        ("FR", "97 133", "BL"),
        ("FR", "97132", "GP"),
        ("FR", "97150", "MF"),
        ("FR", "98000", "MC"),
        ("FR", "98800", "NC"),
        ("FR", "20200", "FR-20R"),
        ("ES", "34001", "ES"),
        ("ES", "35001", "IC"),
        ("FI", "21999", "FI"),
        ("FI", "22999", "AX"),
        ("PT", "9499-999", "PT-30"),
        ("PT", "9500-001", "PT-20"),
        ("PT", "8999-999", "PT"),
        ("AT", "6992", "AT-JUNGHOLZ"),
        ("AT", "6990", "AT"),
        ("GB", "bt1 5gs", "XI"),
        ("GB", "B1 1TB", "GB"),
        ("DE", "", "DE"),
    ],
)
def test_the_postcode_decides_before_the_country(country, postcode, code):
    assert territories.territory_of(country, postcode).code == code


def sale(evidence: Evidence | None = None) -> dict:
    return {"seller": seller(), "on": TODAY, "evidence": evidence}


def known_territories() -> list[territories.Territory]:
    return list(territories._by_country().values())
