"""The catalogues: complete in themselves, and written as their language is written."""

import re
import sys

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings

from tests.house.tree import ROOT

sys.path.insert(0, str(ROOT / "script" / "lib"))
import translations

CATALOGUES = translations.catalogues()
STRAIGHT_APOSTROPHE = re.compile(r"\w'\w")
PLAIN_SPACE = re.compile(r"(?<=\S) (?=[:;?!»%])|« ")
NO_SPACE = re.compile(r"[^\W\d_][?!](?!\w)|«\w|\w»")


def test_every_language_offered_but_the_english_of_the_code_has_a_catalogue():
    assert settings.LANGUAGES
    assert {code for code, _ in settings.LANGUAGES} == set(translations.offered())
    assert set(translations.offered()) - {"en"} <= set(CATALOGUES)


@pytest.mark.parametrize("language", [each for each in translations.offered() if each != "en"])
def test_nothing_is_fuzzy_empty_or_loses_a_placeholder(language):
    catalogue = translations.read(CATALOGUES[language], language)

    assert len(catalogue) > 20
    assert not list(translations.problems_of(catalogue))


@pytest.mark.parametrize(
    ("english", "french", "flags", "problem"),
    [
        ("Hello", "", (), "empty"),
        (("%(n)s day", "%(n)s days"), ("%(n)s jour", ""), (), "empty"),
        ("Hello", "Bonjour", ("fuzzy",), "fuzzy"),
        ("Hello %(name)s", "Bonjour", (), "placeholders"),
        ("Hello %(name)s", "Bonjour %(nom)s", (), "placeholders"),
        ("<b>Hello</b>", "Bonjour", (), "placeholders"),
        (("%(n)s day", "%(n)s days"), ("un jour", "des jours"), (), "placeholders"),
    ],
)
def test_a_message_that_is_not_translated_is_noticed(english, french, flags, problem):
    catalogue = Catalog(locale="fr", fuzzy=False)
    catalogue.add(english, french, flags=flags)

    assert any(problem in found for found in translations.problems_of(catalogue))


def test_a_message_that_is_missing_or_said_nowhere_is_noticed():
    catalogue, said = Catalog(locale="fr", fuzzy=False), Catalog(fuzzy=False)
    catalogue.add("Hello", "Bonjour")
    said.add("Good evening")

    found = list(translations.problems_against(catalogue, said))

    assert found == ["missing: 'Good evening'", "said nowhere: 'Hello'"]


def test_a_language_under_way_says_in_english_what_it_lacks():
    german, french = Catalog(locale="de", fuzzy=False), Catalog(locale="fr", fuzzy=False)
    german.add("Hello", "Hallo")
    german.add("Good night", "")
    german.add("Good day", "Guten Tag?", flags=["fuzzy"])
    for english in ("Hello", "Good night", "Good day", "Good evening"):
        french.add(english, "Bonjour")
    french.add(("%(n)s day", "%(n)s days"), ("%(n)s jour", "%(n)s jours"))

    translations.fill(german, list(french))

    said = {message.id: message.string for message in german if message.id}
    assert said == {
        "Hello": "Hallo",
        "Good night": "Good night",
        "Good day": "Good day",
        ("%(n)s day", "%(n)s days"): ["%(n)s day", "%(n)s days"],
        "Good evening": "Good evening",
    }
    assert not [message for message in german if message.id and message.fuzzy]


def test_a_language_of_one_form_and_one_of_three_lack_plurals_in_english_too():
    for language, forms in (("ja", ["days"]), ("pl", ["day", "days", "days"])):
        catalogue, said = Catalog(locale=language, fuzzy=False), Catalog(fuzzy=False)
        said.add(("day", "days"), ("day", "days"))

        translations.fill(catalogue, list(said))

        assert catalogue.get("day").string == forms


def test_a_singular_may_do_without_its_number():
    catalogue = Catalog(locale="fr", fuzzy=False)
    catalogue.add(("%(n)s day", "%(n)s days"), ("un jour", "%(n)s jours"))

    assert not list(translations.problems_of(catalogue))


def typography(text: str) -> list[str]:
    text = re.sub(r"%\(\w+\)[sd]", "X", text)
    text = re.sub(r"<[^>]*>|https?://\S+", "", text)
    return STRAIGHT_APOSTROPHE.findall(text) + PLAIN_SPACE.findall(text) + NO_SPACE.findall(text)


def test_french_is_set_as_french_is_set():
    wrong = []
    catalogue = translations.read(CATALOGUES["fr"], "fr")
    assert len(catalogue) > 500, "the walk finds nothing"
    for message in catalogue:
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
