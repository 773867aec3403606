"""The seller file: the demo's is good, and a faulty one is told all its faults at once."""

import pytest

from nichandle.commerce.invoices.selling import sellers
from nichandle.commerce.invoices.selling.reading import SellerWrong, read

GOOD = sellers.DEMO.read_text(encoding="utf-8")


def test_the_demo_has_a_seller_whose_documents_are_marked():
    seller = sellers.current()

    assert seller.siren == "732829320"
    assert seller.demo
    assert str(sellers.zone()) == "Europe/Paris"


def test_every_fault_is_told_with_its_line_and_what_to_write():
    text = (
        GOOD.replace('"732829320"', '"732829321"')
        .replace("FR7630006000011234567890189", "FR7630006000011234567890188")
        .replace('regime = "normal"', 'regime = "usual"')
        .replace("oss = true", 'oss = "yes"')
        .replace('city = "Roubaix"', 'town = "Roubaix"')
    )

    with pytest.raises(SellerWrong) as wrong:
        read(text, demo=False)

    told = {fault.key: str(fault) for fault in wrong.value.faults}
    assert set(told) == {"siren", "siret", "vat_number", "iban", "regime", "oss", "town", "city"}
    assert told["iban"] == "line 16: iban: is no IBAN: its check digits do not fit."
    assert told["regime"] == "line 13: regime: must be normal or franchise."
    assert told["city"].startswith("city: is missing")
    assert told["town"].startswith("line 5: town: no such key")


def test_a_file_that_is_no_toml_is_told_with_its_line():
    with pytest.raises(SellerWrong, match="line 2"):
        read('name = "A"\ncity = Roubaix\n', demo=False)
