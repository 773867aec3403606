"""What is answered to a product's questions is brought to one form, or it is said what to write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nichandle.commerce.catalogue.offers import Alternative, ProductQuestion, Text
from nichandle.commerce.catalogue.questions import LONGEST, AnswerNotValid, answer

RULES = ("domain", "host", "label", "email", "choice")


def question(rule, *, required=True, suffixes=()):
    choices = (Alternative("debian", Text({"en": "Debian"})),)
    said = Text({"en": "x"})
    return ProductQuestion("x", said, said, rule, required, choices, suffixes)


@pytest.mark.parametrize(
    ("rule", "suffixes", "typed", "kept"),
    [
        ("domain", (), "Mercier.Example", "mercier.example"),
        ("domain", (), " https://www.mercier.example/page?x=1 ", "www.mercier.example"),
        ("domain", (), "mercier.example.", "mercier.example"),
        ("domain", (), "été.fr", "xn--t-9fab.fr"),
        ("domain", (), "E\u0301TE\u0301.fr", "xn--t-9fab.fr"),
        ("domain", (), "\u200bmercier.fr\u200b", "mercier.fr"),
        ("domain", (".fr",), "mercier", "mercier.fr"),
        ("domain", (".fr",), "mercier.fr", "mercier.fr"),
        ("domain", (".fr", ".com.fr"), "mercier.com.fr", "mercier.com.fr"),
        ("host", (), "caisse.Mercier.FR", "caisse.mercier.fr"),
        ("label", (), "Contact-2", "contact-2"),
        ("email", (), "Diane@Example.org", "Diane@example.org"),
        ("choice", (), "debian", "debian"),
    ],
)
def test_a_good_answer_is_kept_in_one_form(rule, suffixes, typed, kept):
    assert answer(question(rule, suffixes=suffixes), typed) == kept


@pytest.mark.parametrize(
    ("rule", "suffixes", "typed", "why"),
    [
        ("domain", (), "mercier", "domain"),
        ("domain", (), "mer cier.fr", "domain"),
        ("domain", (), "-mercier.fr", "domain"),
        ("domain", (), "192.0.2.1", "domain"),
        ("domain", (), "a" * 64 + ".fr", "domain"),
        ("domain", (), "mercier..fr", "domain"),
        ("domain", (), "mercier_x.fr", "domain"),
        ("domain", (), "<script>.fr", "domain"),
        ("domain", (".fr",), "mercier.com", "suffix"),
        ("domain", (".fr",), "www.mercier.fr", "suffix"),
        ("domain", (".fr",), ".fr", "suffix"),
        ("domain", (".fr",), "mer cier", "suffix"),
        ("domain", (".fr", ".com"), "mercier", "suffix"),
        ("host", (), "localhost", "host"),
        ("label", (), "contact.x", "label"),
        ("label", (), "été", "label"),
        ("label", (), "-x", "label"),
        ("label", (), "xn--x", "label"),
        ("email", (), "diane", "email"),
        ("choice", (), "Debian", "choice"),
        ("choice", (), "", "choice"),
        ("label", (), " ", "missing"),
        ("label", (), "x" * (LONGEST + 1), "long"),
    ],
)
def test_a_bad_answer_says_what_to_write(rule, suffixes, typed, why):
    with pytest.raises(AnswerNotValid) as wrong:
        answer(question(rule, suffixes=suffixes), typed)

    assert wrong.value.why == why
    assert "%" not in str(wrong.value)


@pytest.mark.parametrize("rule", RULES)
def test_what_need_not_be_answered_may_be_left_empty(rule):
    assert answer(question(rule, required=False), " \u200b ") == ""


@given(st.sampled_from(RULES), st.text(max_size=300), st.sampled_from([(), (".fr",)]))
def test_whatever_is_typed_is_kept_in_a_form_that_stays_itself(rule, typed, suffixes):
    asked = question(rule, suffixes=suffixes)
    try:
        kept = answer(asked, typed)
    except AnswerNotValid:
        return

    assert answer(asked, kept) == kept
    assert len(kept) <= LONGEST
