"""Addresses that may be read as another are shown with what they are; honest ones as they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.wording import lookalikes


@pytest.mark.parametrize(
    ("address", "beside"),
    [
        ("x@\u0430\u0440\u0440\u04cf\u0435.com", "x@xn--80ak6aa92e.com"),
        ("diane@ex\u0430mple.org", "diane@xn--exmple-4nf.org"),
        ("diane@mail.ex\u0430mple.org", "diane@mail.xn--exmple-4nf.org"),
        ("a@toys-я-us.com", "a@xn--toys--us-4fh.com"),
        ("a@payp\u03b1l.com", "a@xn--paypl-g9d.com"),
        ("a@\u0261oogle.com", "a@xn--oogle-qmc.com"),
        ("a@paypa\u0131.com", "a@xn--paypa-r4a.com"),
        ("a@\u09ea\u09ea.com", "a@xn--47ba.com"),
        ("a@app\u4e28e.com", "a@xn--appe-df5f.com"),
        ("a@paypal\u30fclogin.com", "a@xn--paypallogin-zu5j.com"),
        ("a@bank\u30ce.com", "a@xn--bank-yq4c.com"),
        ("a@\u1d00pple.com", "a@xn--pple-k13a.com"),
        ("a@\u029finkedin.com", "a@xn--inkedin-etd.com"),
        ("d\u0456ane@example.org", "d[U+0456]ane@example.org"),
        ("\u0440\u0430\u0443@example.org", "[U+0440][U+0430][U+0443]@example.org"),
        ("\uff41nna@example.org", "[U+FF41]nna@example.org"),
        ("di\u0430ne@ex\u0430mple.org", "di[U+0430]ne@xn--exmple-4nf.org"),
    ],
)
def test_what_looks_like_another_is_shown_with_what_it_is(address, beside):
    assert addresses.shown(address) == f"{address} ({beside})"


@pytest.mark.parametrize(
    "address",
    [
        "diane@example.org",
        "max@münchen.example",
        "max@faß.example",
        "jøran@blåbær.example",
        "łukasz@żółw.example",
        "đặng@việt.example",
        "иван@пример.рф",
        "хор@хор.рф",
        "a@москва.com",
        "a@παράδειγμα.ελ",
        "a@例え.テスト",
        "ー田中さん@日本語.jp",
        "tanaka田中@example.jp",
        "sony\u30fc株式会社@例え.jp",
        "二ノ宮@example.jp",
        "diane@kɔfi.example",
        "김철수@한국.kr",
        "שלום@דוגמה.example",
        "علي۱۲@مثال.example",
        "कमल@उदाहरण.example",
        "น้ำ@ตัวอย่าง.example",
        "a@kızılay.org.tr",
        "kızıl@example.tr",
        "diane+x.y_z-1@xn--bcher-kva.example",
    ],
)
def test_an_honest_address_is_shown_as_it_is_in_any_script(address):
    assert addresses.shown(address) == address


def test_a_masked_address_still_shows_what_its_domain_is():
    assert addresses.mask("diane@ex\u0430mple.org") == "di•••@ex\u0430mple.org (xn--exmple-4nf.org)"
    assert addresses.hinted("\u0440\u0430\u0443@example.org") == "[U+0440]•••@example.org"
    assert addresses.mask("diane@münchen.example") == "di•••@münchen.example"


def test_the_letters_that_look_like_ascii_are_those_of_unicode():
    found = lookalikes._lookalikes()

    assert len(found) > 300
    assert {"\u0430", "\u04cf", "\u03bf", "\u0131", "\u0261"} <= found
    assert not {sign for sign in found if sign.isascii() or not sign.isalnum()}
    assert not found & set("éüßøłđæœñçи\u043a\u0442")


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60))
def test_ascii_is_never_taken_for_another(word):
    assert not lookalikes.misleading(word)


@given(st.text(max_size=60))
def test_any_text_can_be_shown(text):
    assert addresses.shown(text).startswith(text)
