"""Figures are said once: no sentence holds one that a constant rules, in any language."""

import ast
import re
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest
from babel.messages.catalog import Message

from nichandle.platform.kernel.wording import figures
from tests.house.tree import ROOT, Module, literal_calls, product, templates

sys.path.insert(0, str(ROOT / "script" / "lib"))
import translations

CATALOGUES = translations.catalogues()
ONE = "an?|one|une?"
MORE = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|half an|"
    "deux|trois|quatre|cinq|sept|huit|neuf|dix|onze|douze|quinze|vingt|trente"
)
UNIT = (
    "minutes?|hours?|days?|weeks?|months?|years?|seconds|heures?|jours?|semaines?|mois|ans?|"
    "années?|secondes"
    # One of them is a length of time only where no noun follows: “a second factor”.
    r"|seconde?(?=[.,;:!?)\u00a0]|$)"
)
# What some sentences show as an example, or a law fixes; nothing of ours rules it.
EXAMPLES = (
    "203.0.113.7",
    "203.0.113.0/24",
    "+33 6 12 34 56 78",
    "123 456",
    "2026-11-27",
    "W751234567",
    "dm429850-OVH",
    "D-7K3M-92QF",
    "9 digits",
    "9 chiffres",
    "14 digits",
    "14 chiffres",
    "F2026-000123",
    "12.34",
    "12,34",
    # What banks need.
    "un à trois jours ouvrés",
    # Names of standards.
    "SHA-256",
    "camt.053",
    "02 to 14",
    "02 à 14",
    "64 characters, 0 to 9",
    "64 caractères, de 0 à 9",
    # Code de commerce, D441-5.
    "40 €",
    "40\u00a0€",
)
# How long something may take, roughly; nothing rules it.
ESTIMATES = (
    "Confirm a minute later",
    "It is being confirmed: that takes a minute.",
    "Create an account: its code arrives here within a second.",
    "If you only lost your password, or still have a recovery address, you are back in a minute:",
    "It may take a minute. Look into your unwanted mail too.",
    "Try again in a minute. If it happens again, tell customer service the time.",
    "Wait a minute, then look into your unwanted mail.",
    "Weak: guessed within a day",
    "You will receive a client identifier, yours for ever. It takes about three minutes.",
)
NAMED = re.compile(r"\"([a-z]+\.[a-z_]+)\"\|(?:duration|duration_in_words|hours|figure)\b")


def figure_in(text: str, *, singular: bool = False) -> str:
    """
    Return the first figure that a text holds; nothing when it holds none.

    The singular of a sentence in two numbers may say “an hour”: it is chosen where that is true.
    """
    for example in EXAMPLES:
        text = text.replace(example, "")
    number = MORE if singular else f"{ONE}|{MORE}"
    found = re.search(rf"\d+|\b(?:{number})[\s\u00a0\u202f-]+(?:{UNIT})\b", text, re.IGNORECASE)
    return found[0] if found else ""


def texts_of(message: Message) -> Iterator[tuple[str, bool]]:
    """Yield what a message says, English and translated, and whether that is a singular."""
    for texts in (message.id, message.string):
        if isinstance(texts, tuple | list):
            yield from ((text or "", number == 0) for number, text in enumerate(texts))
        else:
            yield texts or "", False


def messages(language: str) -> list[Message]:
    return [each for each in translations.read(CATALOGUES[language], language) if each.id]


def test_the_catalogues_are_read():
    assert len(messages("fr")) > 1000


@pytest.mark.parametrize("language", CATALOGUES)
def test_no_sentence_holds_a_figure_that_a_constant_rules(language):
    found = [
        f"{figure!r} in {text!r}"
        for message in messages(language)
        if message.id not in ESTIMATES
        for text, singular in texts_of(message)
        if (figure := figure_in(text, singular=singular))
    ]

    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "It is valid for 24 hours.",
        "This link is older than an hour.",
        "Your address changes in four hours",
        "Within a second.",
        "Five minutes have passed",
        "At least 15 characters.",
        "Il est valable 24\u00a0heures.",
        "Ce lien a plus d’une heure.",
        "Terminée au bout de sept jours.",
        "De moins de trois mois",
    ],
)
def test_a_figure_is_noticed(text):
    assert figure_in(text)


def test_a_figure_in_a_singular_is_noticed_unless_it_is_one():
    assert figure_in("Two hours begin", singular=True)
    assert figure_in("1 hour begins", singular=True)
    assert not figure_in("An hour begins", singular=True)


@pytest.mark.parametrize(
    "text",
    [
        "Set up a second factor: its code changes every %(seconds)s seconds.",
        "Une seconde adresse, un second facteur, pendant %(time)s.",
        "It asks for papers and takes some days.",
        "An address such as 203.0.113.7",
        "The link works once.",
    ],
)
def test_what_is_no_figure_is_left_alone(text):
    assert not figure_in(text)


def test_every_exception_is_still_needed():
    said = [text for message in messages("fr") for text, _singular in texts_of(message)]

    assert [each for each in ESTIMATES if each not in said or not figure_in(each)] == []
    assert [each for each in EXAMPLES if not any(each in text for text in said)] == []


def declaring() -> list[Module]:
    found = [one for one in product() if one.part == "figures" and one.room != "platform/kernel"]
    assert len(found) > 5, "the walk finds nothing"
    return found


def copies(tree: ast.Module) -> list[str]:
    """Return what a module of figures holds besides constants of other modules, by their names."""
    wrong = []
    for node in tree.body[1:]:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            wrong += [ast.unparse(value) for value in node.value.values if not refers(value)]
        elif not isinstance(node, ast.ImportFrom):
            wrong.append(ast.unparse(node))
    return wrong


def refers(value: ast.expr) -> bool:
    """Tell whether an expression only names something: ``clock.WAIT``, ``CAUSES["x"].lasts``."""
    if isinstance(value, ast.Subscript):
        return isinstance(value.slice, ast.Constant) and refers(value.value)
    return isinstance(value, ast.Name) or (isinstance(value, ast.Attribute) and refers(value.value))


def test_every_figure_that_is_declared_is_the_constant_itself():
    assert [f"{one.where}: {each}" for one in declaring() for each in copies(one.tree)] == []


@pytest.mark.parametrize(
    "source",
    [
        'FIGURES = {"wait": timedelta(hours=72)}',
        'FIGURES = {"count": 10}',
        'FIGURES = {"wait": clock.WAIT + clock.ADDED}',
        "WAIT = timedelta(hours=72)",
        "from datetime import timedelta\nWAIT = 3",
    ],
)
def test_a_copy_is_noticed(source):
    assert copies(ast.parse(f'"""What it is."""\n{source}'))


def named() -> dict[str, list[str]]:
    """Return the names by which templates and code ask for figures, and where."""
    found = literal_calls("Duration", "Megabytes")
    for path in [*templates(mails=True), *templates(mails=False)]:
        for name in NAMED.findall(path.read_text("utf-8")):
            found.setdefault(name, []).append(str(path.relative_to(ROOT)))
    assert len(found) > 20, "the walk finds nothing"
    return found


def declared() -> set[str]:
    """Return the names of all figures that rooms declare, as templates give them."""
    rooms = {name.partition(".")[0] for name in named()}
    return {f"{room}.{own}" for room in rooms for own in figures.declared(room)}


def test_every_figure_that_is_named_exists():
    for name, places in named().items():
        found = figures.figure(name)
        assert isinstance(found, timedelta | int), (name, places)


def test_every_figure_that_is_declared_is_said():
    assert declared() - set(named()) == set()
    assert len({name.partition(".")[0] for name in named()}) == len(declaring())


@pytest.mark.parametrize("name", ["emailchange.nothing", "nowhere.silence", "silence"])
def test_a_name_that_no_room_declares_is_an_error(name):
    with pytest.raises(LookupError):
        figures.figure(name)
