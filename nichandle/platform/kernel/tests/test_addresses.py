"""An address is stored as it was typed and compared by one key."""

import unicodedata

import idna
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
        ("max@faß.example", "max@faß.example"),
        ("max@xn--fa-hia.example", "max@faß.example"),
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
        "diane@[127.0.0.1]",
        "diane@localhost",
        "diane\0@example.org",
        "diane\n@example.org",
        "d" * 65 + "@example.org",
        "diane@" + "a" * 250 + ".org",
        "diane@" + "a" * 64 + ".org",
        "\N{KELVIN SIGN}im@example.org",
        "kim\N{GREEK VARIA}s@example.org",
        "diane@xn--zzzz.example",
        "diane@under_score.example",
        "diane@-a.example",
        "diane@a\N{ZERO WIDTH SPACE}b.example",
        "dia\N{RIGHT-TO-LEFT OVERRIDE}ne@example.org",
        "Diane <diane@example.org>, Paul <paul@example.org>",
        "<diane@example.org> paul@example.org",
        "<<diane@example.org>>",
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
        ("STRAẞE@example.org", "straße@example.org"),
        ("max@faß.example", "MAX@xn--fa-hia.example"),
        ("max@FAẞ.example", "max@faß.example"),
        ("ИВАН@example.org", "иван@example.org"),
        ("J\N{COMBINING CARON}an@example.org", "\N{LATIN SMALL LETTER J WITH CARON}an@example.org"),
        ("a@例え。テスト", "a@xn--r8jz45g.xn--zckzah"),
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
        ("straße@example.org", "strasse@example.org"),
        ("max@faß.example", "max@fass.example"),
        ("max@xn--fa-hia.example", "max@fass.example"),
        ("a@οδος.example", "a@οδοσ.example"),
        ("\N{LATIN SMALL LETTER LONG S}am@example.org", "sam@example.org"),
        ("\N{KELVIN SIGN}im@example.org", "kim@example.org"),
        ("οδος@example.org", "οδοσ@example.org"),
        ("\N{GREEK CAPITAL THETA SYMBOL}@example.org", "θ@example.org"),
        ("\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}an@example.org", "ian@example.org"),
        ("\N{LATIN SMALL LETTER DOTLESS I}an@example.org", "ian@example.org"),
        ("\N{LATIN SMALL LIGATURE FI}n@example.org", "fin@example.org"),
        ("\N{FULLWIDTH LATIN SMALL LETTER A}@example.org", "a@example.org"),
        ("di\N{CYRILLIC SMALL LETTER A}ne@example.org", "diane@example.org"),
    ],
)
def test_two_addresses(one, other):
    assert addresses.key(one) != addresses.key(other)


def test_a_domain_of_any_length_costs_next_to_nothing(monkeypatch):
    asked = []
    monkeypatch.setattr(addresses.idna, "encode", lambda name, **_how: asked.append(name) or b"x.y")
    assert addresses.key("diane@" + "é" * 100_000)
    assert asked == []
    assert addresses.encoded("é.example") == "x.y"


def test_signs_of_every_kind_fill_no_memory():
    for number in range(0x20000):
        addresses._small_letter(chr(number))
    assert addresses._small_letter.cache_info().currsize <= 4096


def test_the_domain_is_compared_in_its_ascii_form():
    assert addresses.domain("diane@BÜCHER.example") == "xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("stored", "wire"),
    [
        ("max@faß.example", "max@xn--fa-hia.example"),
        ("Diane.Mercier@bücher.example", "Diane.Mercier@xn--bcher-kva.example"),
        ("Straße@example.org", "Straße@example.org"),
        ("a@οδος.example", "a@xn--pxavbm.example"),
    ],
)
def test_what_travels_is_the_address_as_stored_with_its_domain_encoded(stored, wire):
    assert addresses.on_the_wire(addresses.check(stored)) == wire


def test_nothing_travels_to_a_domain_that_cannot_be_encoded():
    with pytest.raises(ValueError, match="cannot be encoded"):
        addresses.on_the_wire("diane@under_score.example")


@given(st.emails())
def test_a_domain_that_needs_no_encoding_is_encoded_as_the_library_would(address):
    domain = address.rpartition("@")[2]
    try:
        by_library = idna.encode(domain, uts46=True, std3_rules=True, transitional=False).decode()
    except idna.IDNAError:
        by_library = None

    assert addresses.encoded(domain) == by_library


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("victim+1@example.org", "Victim@example.org", True),
        ("victim+1+2@example.org", "victim+3@EXAMPLE.org", True),
        ("vic.tim@example.org", "victim@example.org", False),
        ("jean-paul@example.org", "jean-pierre@example.org", False),
        ("+1@example.org", "+2@example.org", False),
        ("victim+1@example.org", "victim+1@example.com", False),
    ],
)
def test_limits_count_a_mailbox_not_its_tags(one, other, same):
    assert (addresses.mailbox(one) == addresses.mailbox(other)) is same


@pytest.mark.parametrize(
    "copied",
    [
        "\N{LEFT-TO-RIGHT MARK}diane@example.org",
        "\N{ZERO WIDTH NO-BREAK SPACE}diane@example.org",
        "\N{WORD JOINER}diane@example.org\N{ZERO WIDTH SPACE}",
        "\N{LEFT-TO-RIGHT EMBEDDING}diane@example.org\N{POP DIRECTIONAL FORMATTING}",
        "\N{RIGHT-TO-LEFT OVERRIDE}diane@example.org",
        "di\N{SOFT HYPHEN}ane@exam\N{SOFT HYPHEN}ple.org",
        "mailto:diane@example.org",
        "MAILTO:diane@example.org?subject=Hello",
        "<diane@example.org>",
        "\u2039diane@example.org\u203a",
        "Diane Mercier <diane@example.org>",
        "<mailto:diane@example.org>",
        "diane\N{FULLWIDTH COMMERCIAL AT}example.org",
        "diane@example.org.",
        "diane@example.org,",
        "diane@example.org ;",
        "\N{NO-BREAK SPACE}diane@example.org\t",
    ],
)
def test_what_copying_brings_along_is_left_out(copied):
    assert addresses.typed(copied) == "diane@example.org"
    assert addresses.check(copied) == "diane@example.org"


@given(st.text() | st.text("<>@.,;:mailto?\u200e\u00ad\uff20 ab"))
def test_leaving_out_what_copying_brings_is_done_once(text):
    bare = addresses.typed(text)

    assert len(bare) <= len(text)
    assert "@" not in bare or addresses.typed(bare).count("@") == bare.count("@")


@given(st.emails())
def test_a_plain_address_loses_nothing_by_it(address):
    assert addresses.typed(address) == address


def test_a_long_text_is_left_as_it_is():
    assert addresses.typed("<" * 100_000) == "<" * 100_000
