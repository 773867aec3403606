"""Whatever is in the file, its operator reads what is wrong, where, and what to do."""

import json
from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nichandle.commerce.catalogue import writing
from nichandle.commerce.catalogue.reading.faults import MOST, CatalogueWrong
from nichandle.commerce.catalogue.reading.file import of_plain, read
from nichandle.commerce.catalogue.reading.nodes import LONGEST
from nichandle.commerce.catalogue.tests.catalogues import (
    LANGUAGES,
    SMALL,
    catalogue,
    demo_text,
    faults,
    small,
)


def test_the_demonstration_sells_all_a_small_host_sells():
    demo = catalogue(demo_text())

    assert {each.code for each in demo.families} == {
        "domain", "hosting", "mail", "server", "line", "equipment", "advice",
    }  # fmt: skip
    assert {each.vat_class for each in demo.products} == {
        "electronic", "telecom", "goods", "advice",
    }  # fmt: skip
    assert {each.code for each in demo.products if not each.lasting} == {"router", "advice-hour"}
    assert demo.product("web-start").upgrades == ("web-pro", "web-shop")


def test_a_fault_is_told_with_its_line_what_is_wrong_and_the_cure():
    text = small(("2.99", "2.9999999"))
    (fault,) = faults(text)

    assert text.splitlines()[fault.line - 1].strip().startswith("- {since: 2026-01-01")
    assert str(fault) == (
        "line 18: products, web-start, prices 1, periods, 1: 2.9999999 has too many decimals. "
        "Write at most 6."
    )


@pytest.mark.parametrize(
    ("change", "line", "what"),
    [
        (("summary:", "sumary:"), 12, "'summary' is missing"),
        (("summary:", "sumary:"), 15, "'sumary' is not known here"),
        (("{fr: Conditions, en: Terms}", "{fr: Conditions}"), 9, "'en' is missing"),
        (("{fr: Conditions, en: Terms}", "{fr: Conditions, en: ''}"), 9, "the text is empty"),
        (("1: 2.99", "0: 2.99"), 18, "'0' is not from 1 to 36"),
        (("1: 2.99", "37: 2.99"), 18, "'37' is not from 1 to 36"),
        (("1: 2.99", "1: -2.99"), 18, "'-2.99' is no amount"),
        (("1: 2.99", "1: '2,99'"), 18, "'2,99' is no amount"),
        (("1: 2.99", "1: 1e3"), 18, "'1e3' is no amount"),
        (("1: 2.99", "1: 0.004"), 18, "the price is nothing"),
        (("1: 2.99", "1: [2]"), 18, "an amount is expected here"),
        (("1: 2.99", "12: 2.99"), 18, "'12' stands in line 18 already"),
        (("2026-01-01", "2026-02-29"), 18, "'2026-02-29' is no day of the calendar"),
        (("2026-01-01", "01/02/2026"), 18, "'01/02/2026' is no day of the calendar"),
        (("2027-02-01", "2026-01-01"), 19, "these begin on the day of others"),
        (("setup: 5", "currency: CHF"), 19, "'CHF' is none of its words"),
        (("family: hosting", "family: hostin"), 13, "'hostin' is none of the families"),
        (("terms: [general]", "terms: [generel]"), 24, "'generel' is none of the terms"),
        (("terms: [general]", "terms: []"), 12, "no terms are named"),
        (("terms: [general]", "terms: general"), 24, "a list is expected here"),
        (("terms: [general]", "terms: [general, general]"), 24, "'general' stands here twice"),
        (("terms: [", "upgrades: [x]\n    terms: ["), 24, "'x' is none of the products"),
        (("terms: [", "upgrades: [web-start]\n    terms: ["), 12, "it cannot become 'web-start'"),
        (("currency: EUR", "currency: EURO"), 1, "'EURO' is no currency"),
        (("currency: EUR", "currency: CHF"), 1, "nothing can be invoiced in CHF"),
        (("currency: EUR", "currency: EUR\ncurrencies:\n  - CHF"), 3, "be invoiced in CHF"),
        (("currency: EUR", "currency: EUR\ncurrencies: [EURO]"), 2, "'EURO' is no currency"),
        (("electronic", "electronics"), 16, "'electronics' is none of its words"),
        (("rule: domain", "rule: domaine"), 23, "'domaine' is none of its words"),
        (("rule: domain", "rule: choice"), 21, "'choices' is missing"),
        (("allowed: yes", "allowed: maybe"), 25, "'maybe' is neither yes nor no"),
        (("allowed: yes", "allowed: no"), 25, "'reason' is missing"),
        (("rule: unused", "rule: whole"), 26, "'days' is missing"),
        (("  hosting:", "  basket:"), 3, "'basket' is an address of the shop"),
        (("  web-start:", "  Web_Start:"), 12, "'Web_Start' is no code"),
        (("name: Web Start", "name: " + "x" * 81), 14, "the text has 81 signs"),
        (("name: Web Start", "name: [a]"), 14, "entries are expected here"),
        (("name: Web Start", "name: {fr: a, en: b, xx: c}"), 14, "'xx' is not known here"),
        (("name: Web Start", "name: &a Web Start"), 14, "&a gives this place a name"),
        (("name: Web Start", "name: *a"), 14, "*a refers to another place"),
        (("name: Web Start", "name: !!python/object:os.system x"), 14, "says what kind this is"),
        (("name: Web Start", 'name: "a\\0b"'), 14, "a sign nobody sees, U+0000"),
        (("name: Web Start", "name: a\x00b"), 14, "a sign nobody sees, U+0000"),
        (("name: Web Start", "name: a\u2028b"), 14, "a sign nobody sees, U+2028"),
        (("    name: Web Start", "\tname: Web Start"), 14, "the line is indented with a tab"),
        (("name: Web Start", "name: a: b"), 14, "this is not YAML"),
        (("name: Web Start", "[a, b]: c"), 14, "the name of an entry is itself a list"),
        (("products:", "---\nproducts:"), 11, "a second document begins with ---"),
    ],
)  # fmt: skip
def test_every_kind_of_fault_is_told_in_its_line(change, line, what):
    found = [fault for fault in faults(small(change)) if what in fault.what]

    assert [fault.line for fault in found] == [line], faults(small(change))
    assert found[0].cure


def test_all_faults_are_told_at_once():
    found = faults(small(("2.99", "'2,99'"), ("[general]", "[x]"), ("allowed: yes", "allowed: 7")))

    assert [fault.line for fault in found] == [18, 24, 25]


def test_a_file_of_nothing_but_faults_tells_of_the_first_hundred():
    lines = "\n".join(f"  a{number}: 1" for number in range(500))
    found = faults(f"currency: EUR\nfamilies:\n{lines}\nterms: {{}}\nproducts: {{}}\n")

    assert len(found) == MOST + 1
    assert found[0].line == 3


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "the file is empty"),
        ("# nothing\n", "the file is empty"),
        ("just a word", "entries are expected here"),
        ("a: " + "[" * 100_000, "this is not YAML"),
        ("- " * 100_000, "this lies too deep"),
        ("a: " + "{a: " * 100_000, "this lies too deep"),
        ("[" + "a," * 60_000 + "]", "there are more than 50,000 entries"),
        ("x" * (LONGEST + 1), "the file is longer than 1,000,000 bytes"),
        (b"currency: \xff\xfe", "this is not UTF-8"),
        ('a: "\\U00110000"', "this is not YAML"),
        ("a: !<tag:yaml.org,2002:python/object/apply:os.system> [x]", "says what kind this is"),
        ("%YAML 9.9\n---\na: b", "this is not YAML"),
    ],
)
def test_what_is_no_catalogue_at_all_is_refused_soon(text, what):
    assert any(what in fault.what for fault in faults(text)), faults(text)[:3]


def test_a_billion_laughs_are_refused_and_never_multiplied():
    levels = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]

    assert any("*a0 refers to another place" in each.what for each in faults("\n".join(levels)))


@given(st.one_of(st.text(max_size=400), st.binary(max_size=400)))
def test_no_text_whatever_breaks_the_reader(text):
    with pytest.raises(CatalogueWrong) as wrong:
        read(text, languages=LANGUAGES)

    assert wrong.value.faults


@given(st.data())
def test_no_change_of_a_good_file_breaks_the_reader(data):
    place = data.draw(st.integers(0, len(SMALL) - 1))
    length = data.draw(st.integers(0, 30))
    put = data.draw(
        st.text(max_size=12) | st.sampled_from(["&a", "*a", "!!x", "? ", "- ", "|", "{", "["])
    )
    faults(SMALL[:place] + put + SMALL[place + length :])


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
trees = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(st.data())
def test_no_value_in_any_place_breaks_the_reader(data):
    content = writing.plain(catalogue(SMALL))
    place = content
    while isinstance(place, dict) and place and data.draw(st.booleans()):
        inner = place[data.draw(st.sampled_from(sorted(place)))]
        if not isinstance(inner, dict):
            break
        place = inner
    if isinstance(place, dict) and place:
        place[data.draw(st.sampled_from(sorted(place)))] = data.draw(trees)
    faults(yaml.safe_dump(content, allow_unicode=True, sort_keys=False))


@pytest.mark.parametrize("text", [SMALL, demo_text()], ids=["small", "demo"])
def test_what_is_kept_is_read_back_as_it_was(text):
    made = catalogue(text)
    content = json.loads(writing.canonical(writing.plain(made)))

    assert of_plain(content, languages=LANGUAGES, edition=0) == made
    assert catalogue(json.dumps(content)) == made
    assert catalogue(yaml.safe_dump(content, allow_unicode=True, sort_keys=False)) == made


letters = st.characters(min_codepoint=33, max_codepoint=0x24F, exclude_categories=["C", "Z"])
words = st.text(letters, min_size=1, max_size=40)
amounts = st.decimals("0.01", "99999", places=6)


@given(
    words,
    words,
    st.dictionaries(st.integers(1, 36), amounts, min_size=1, max_size=8),
    st.booleans(),
    st.booleans(),
)
def test_every_catalogue_survives_being_kept(french, english, periods, allowed, offered):
    content = writing.plain(catalogue(SMALL))
    product = content["products"]["web-start"]
    product["name"] = {"fr": french, "en": english}
    product["prices"][0]["periods"] = {str(months): f"{each:f}" for months, each in periods.items()}
    product["withdrawal"]["allowed"] = "yes" if allowed else "no"
    product["withdrawal"]["reason"] = {"fr": french, "en": english}
    product["offered"] = "yes" if offered else "no"
    made = catalogue(json.dumps(content))

    assert of_plain(writing.plain(made), languages=LANGUAGES, edition=0) == made
    kept = made.known("web-start")
    assert kept is not None
    assert kept.name.said("fr") == french
    assert {
        each.period_months: each.amount.amount for each in kept.prices if each.since.year == 2026
    } == {months: Decimal(each) for months, each in periods.items()}
