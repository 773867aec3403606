"""The catalogues: complete in themselves, and written as their language is written."""

import re
import sys

import pytest
from django.conf import settings

from tests.house.tree import ROOT

sys.path.insert(0, str(ROOT / "script" / "lib"))
import translations

CATALOGUES = translations.catalogues()
STRAIGHT_APOSTROPHE = re.compile(r"\w'\w")
PLAIN_SPACE = re.compile(r"(?<=\S) (?=[:;?!»%])|« ")
NO_SPACE = re.compile(r"[^\W\d_][?!](?!\w)|«\w|\w»")


def test_every_language_but_the_english_of_the_code_has_a_catalogue():
    assert set(CATALOGUES) == {code for code, _ in settings.LANGUAGES} - {"en"}


@pytest.mark.parametrize("language", CATALOGUES)
def test_nothing_is_fuzzy_empty_or_loses_a_placeholder(language):
    catalogue = translations.read(CATALOGUES[language], language)

    assert len(catalogue) > 20
    assert not list(translations.problems_of(catalogue))


def typography(text: str) -> list[str]:
    text = re.sub(r"%\(\w+\)[sd]", "X", text)
    text = re.sub(r"<[^>]*>|https?://\S+", "", text)
    return STRAIGHT_APOSTROPHE.findall(text) + PLAIN_SPACE.findall(text) + NO_SPACE.findall(text)


def test_french_is_set_as_french_is_set():
    wrong = []
    for message in translations.read(CATALOGUES["fr"], "fr"):
        texts = message.string if isinstance(message.string, tuple | list) else [message.string]
        wrong += [text for text in texts if message.id and typography(text or "")]

    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    "text", ["l'adresse", "Vraiment ?", "Attention!", "« oui »", "Total : 3", "«oui»"]
)
def test_a_break_is_noticed(text):
    assert typography(text)


def test_what_is_right_is_left_alone():
    assert not typography(
        "L’adresse «\u00a0oui\u00a0»\u00a0: 10:30, %(n)s\u00a0; voir https://a.example?b\u00a0!"
    )
