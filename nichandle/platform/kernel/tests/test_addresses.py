"""An address is stored as it was typed and compared by one key."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nichandle.platform.kernel import addresses


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("diane@example.org", "diane@example.org"),
        ("  Diane.Mercier@Example.ORG ", "Diane.Mercier@example.org"),
        ("diane+shop@example.org", "diane+shop@example.org"),
        ("diane@bücher.example", "diane@bücher.example"),
        ("diane@xn--bcher-kva.example", "diane@bücher.example"),
        ("hélène@example.org", "hélène@example.org"),
        (unicodedata.normalize("NFD", "hélène@example.org"), "hélène@example.org"),
    ],
)
def test_a_good_address_is_stored_as_typed(typed, stored):
    assert addresses.check(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "diane",
        "diane@",
        "@example.org",
        "diane@example",
        "diane mercier@example.org",
        "diane@exa mple.org",
        "diane@example..org",
        "diane..mercier@example.org",
        "diane@example.org, other@example.org",
        "Diane <diane@example.org>",
        "diane@[127.0.0.1]",
        "diane@localhost",
        "diane\0@example.org",
        "diane\n@example.org",
        "d" * 65 + "@example.org",
        "diane@" + "a" * 250 + ".org",
    ],
)
def test_no_mail_could_be_sent_to(typed):
    with pytest.raises(addresses.AddressNotValid) as refusal:
        addresses.check(typed)

    assert refusal.value.field == "email"


@given(st.text(max_size=300))
def test_any_text_is_an_address_or_refused(typed):
    try:
        stored = addresses.check(typed)
    except addresses.AddressNotValid:
        return
    assert addresses.check(stored) == stored
    assert addresses.key(stored) == addresses.key(typed)


@given(st.emails())
def test_every_real_address_is_equal_to_itself_however_it_is_written(address):
    assert addresses.key(address) == addresses.key(address.upper())
    assert addresses.key(address) == addresses.key(f"  {address.lower()} ")


@given(st.text(), st.text())
def test_the_key_of_a_key_is_itself(local, domain):
    once = addresses.key(f"{local}@{domain}")

    assert addresses.key(once) == once


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Diane@Example.org", "diane@example.org"),
        ("diane@bücher.example", "diane@xn--bcher-kva.example"),
        ("diane@BÜCHER.example", "diane@bücher.example"),
        ("HÉLÈNE@example.org", "hélène@example.org"),
        (unicodedata.normalize("NFD", "hélène@example.org"), "hélène@example.org"),
        ("strasse@example.org", "STRASSE@example.org"),
    ],
)
def test_two_spellings_of_one_address(one, other):
    assert addresses.key(one) == addresses.key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("diane@example.org", "diane@example.com"),
        ("diane@example.org", "dian@example.org"),
        ("helene@example.org", "hélène@example.org"),
        ("diane.mercier@example.org", "dianemercier@example.org"),
        ("diane+a@example.org", "diane+b@example.org"),
    ],
)
def test_two_addresses(one, other):
    assert addresses.key(one) != addresses.key(other)


def test_the_domain_is_compared_in_its_ascii_form():
    assert addresses.domain("diane@BÜCHER.example") == "xn--bcher-kva.example"
