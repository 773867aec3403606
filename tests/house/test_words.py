"""One meaning for each word: of classes, and on the page of words."""

import ast
import re
from collections import Counter

from tests.house.tree import ROOT, Module, product

# Django asks for these names.
DJANGOS = {"Command"}
ROW = re.compile(r"^\| ([^|]+?) \|", re.MULTILINE)


def said_twice(modules: tuple[Module, ...]) -> set[str]:
    """Return the names that two classes have; nested ones are read with their owner's."""
    names = Counter(
        node.name
        for module in modules
        for node in module.tree.body
        if isinstance(node, ast.ClassDef)
    )
    return {name for name, times in names.items() if times > 1} - DJANGOS


def test_no_two_classes_have_one_name():
    assert not said_twice(product())


def test_two_classes_of_one_name_are_noticed():
    module = next(each for each in product() if "class Account(" in each.text)

    assert "Account" in said_twice((*product(), module))


def test_the_page_of_words_explains_each_word_once():
    words = ROW.findall((ROOT / "docs" / "words.md").read_text("utf-8"))
    explained = Counter(word for word in words if word not in {"word", "---"})

    assert len(explained) > 50
    assert not {word for word, times in explained.items() if times > 1}
