"""What a rule is."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

Check = Callable[[str, str], str]
"""Takes the cleaned text and the country, returns the text to store, raises ``NotValid``."""
Tidy = Callable[[str], str]
"""Brings a text to the spelling that the pattern knows, such as capitals and European digits."""


class NotValid(ValueError):
    """A value has not the form its field needs; the argument is a sentence for the person."""

    def __init__(self, sentence: str | Promise) -> None:
        self.sentence = sentence
        super().__init__(str(sentence))


@dataclass(frozen=True, slots=True)
class FieldRule:
    """
    One field of the form, for one country and kind of holder.

    ``pattern`` means the same in Python and in JavaScript (``\\d`` is 0 to 9), for the API hands
    it out.
    """

    name: str
    label: str | Promise
    mandatory: bool = True
    minimum: int = 1
    maximum: int = 80
    pattern: str | None = None
    choices: tuple[tuple[str, str | Promise], ...] = ()
    example: str = ""
    prefix: str = ""
    help: str | Promise = ""
    error: str | Promise = ""
    tidy: Tidy | None = None
    check: Check | None = None
    autocomplete: str = "on"
    inputmode: str = "text"

    def fits(self, text: str) -> bool:
        """Tell whether a text has the length, pattern and choice that the rule asks for."""
        if not self.minimum <= len(text) <= self.maximum:
            return False
        if self.pattern and re.fullmatch(self.pattern, text, re.ASCII) is None:
            return False
        return not self.choices or text in {value for value, _label in self.choices}

    def shown(self, value: str) -> str:
        """Return a stored value as people read it: the words of a choice, not its code."""
        return str(dict(self.choices).get(value, value))

    def as_api(self) -> dict[str, Any]:
        """Return the rule in the shape of ``POST /newAccount/rules``."""
        return {
            "fieldName": self.name,
            "mandatory": self.mandatory,
            "defaultValue": None,
            "examples": [self.example] if self.example else [],
            "in": [value for value, _label in self.choices] or None,
            "minLength": self.minimum,
            "maxLength": self.maximum,
            "prefix": self.prefix or None,
            "regularExpression": self.pattern,
        }
