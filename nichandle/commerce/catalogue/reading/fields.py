"""The entries of one thing, asked for by name: what is wrong is noted, and reading goes on."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Final

from nichandle.commerce.catalogue.offers import Text
from nichandle.commerce.catalogue.reading.faults import Faults
from nichandle.commerce.catalogue.reading.nodes import Entries, Items, Scalar, Written
from nichandle.platform.kernel.money import Money

PRICE_DECIMALS: Final = 6
"""More is refused on French invoices (BR-FR-DEC-03)."""
_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_AMOUNT = re.compile(r"(\d{1,7})(?:\.(\d+))?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
FLAGS: Final = {"yes": True, "no": False, "true": True, "false": False}
NEVER: Final = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Languages:
    """Those every text needs, and those it may be written in besides."""

    needed: tuple[str, ...]
    known: Collection[str]


@dataclass(frozen=True, slots=True)
class Reference:
    """A code that must be that of a ``kind`` of thing, which may stand further down."""

    kind: str
    code: str
    line: int
    place: str


@dataclass(slots=True)
class Notes:
    """What is kept while a file is read: faults, references to other things, languages."""

    faults: Faults
    languages: Languages
    references: list[Reference] = field(default_factory=list)
    lines: dict[tuple[str, str], int] = field(default_factory=dict)


class Fields:
    """The entries of one thing; ``place`` says which, in the words of the file."""

    def __init__(self, node: Written | None, place: str, notes: Notes, *, line: int = 0) -> None:
        """``line`` is that of its name, where it has one."""
        self.place, self.notes = place, notes
        self.line = line or (node.line if node else 1)
        self._asked: list[str] = []
        self._nodes: dict[str, Written] = {}
        self._lines: dict[str, int] = {}
        if isinstance(node, Entries):
            self._nodes, self._lines = node.nodes, node.lines
        elif node is not None:
            self.wrong(self.line, "entries are expected here", "Write “name: value” lines below it")

    def wrong(self, line: int, what: str, cure: str, *, place: str = "") -> None:
        self.notes.faults.add(line, self._at(place), what, cure)

    def line_of(self, name: str) -> int:
        return self._lines.get(name, self.line)

    def node(self, name: str, *, needed: bool = True) -> Written | None:
        """Return what an entry stands for, as it was written."""
        found = self._given(name)
        if found is None and needed:
            self.wrong(self.line, f"{name!r} is missing", f"Add “{name}: …”")
        return found

    def inner(self, name: str) -> "Fields":
        """Return the entries below one; those of one that is missing are not missed as well."""
        node, place = self.node(name), self._at(name)
        if node is None:
            return Fields(None, place, Notes(Faults(), self.notes.languages))
        return Fields(node, place, self.notes, line=self.line_of(name))

    def done(self) -> None:
        """Complain about what nobody asked for: it is most often misspelt."""
        for name, line in self._lines.items():
            if name not in self._asked:
                near = get_close_matches(name, self._asked, 1)
                known = ", ".join(dict.fromkeys(self._asked))
                cure = f"Write {near[0]!r}, if that is meant" if near else f"Known are {known}"
                self.wrong(line, f"{name!r} is not known here", cure)

    def text(self, name: str, *, longest: int, needed: bool = True, default: str = "") -> str:
        node = self._scalar(name, needed=needed)
        if node is None:
            return default
        return self._fitting(node, longest, name)

    def code(self, name: str, kind: str, *, longest: int) -> str:
        """Return a code that names another thing of the file."""
        code = self.text(name, longest=longest)
        if code:
            self.refer(kind, code, self.line_of(name), name)
        return code

    def codes(self, name: str, kind: str) -> tuple[str, ...]:
        """Return a list of codes that name other things of the file, each once."""
        found: list[str] = []
        for node in self.items(name, needed=False):
            if not isinstance(node, Scalar) or node.nothing:
                self.wrong(node.line, "a code is expected here", "Write one", place=name)
            elif node.text in found:
                self.wrong(
                    node.line, f"{node.text!r} stands here twice", "Take one out", place=name
                )
            else:
                found.append(node.text)
                self.refer(kind, node.text, node.line, name)
        return tuple(found)

    def refer(self, kind: str, code: str, line: int, name: str) -> None:
        self.notes.references.append(Reference(kind, code, line, self._at(name)))

    def word(self, name: str, words: Collection[str], *, default: str = "") -> str:
        node = self._scalar(name, needed=not default)
        if node is None:
            return default
        if node.text not in words:
            self.wrong(node.line, f"{node.text!r} is none of its words", _one_of(words), place=name)
            return default or next(iter(words))
        return node.text

    def flag(self, name: str, *, default: bool | None = None) -> bool:
        node = self._scalar(name, needed=default is None)
        word = node.text.lower() if node else ""
        if node and word not in FLAGS:
            self.wrong(node.line, f"{node.text!r} is neither yes nor no", "Write one", place=name)
        return FLAGS.get(word, default is not False)

    def day(self, name: str) -> date:
        node = self._scalar(name, needed=True)
        if node is None:
            return NEVER
        try:
            if _DATE.fullmatch(node.text):
                return date.fromisoformat(node.text)
        except ValueError:
            pass
        cure = "Write year, month and day, such as 2026-01-31"
        self.wrong(node.line, f"{node.text!r} is no day of the calendar", cure, place=name)
        return NEVER

    def whole(self, name: str, *, least: int, most: int, default: int | None = None) -> int:
        node = self._scalar(name, needed=default is None)
        if node is None:
            return least if default is None else default
        return self.number(node, least=least, most=most, name=name)

    def number(self, node: Scalar, *, least: int, most: int, name: str) -> int:
        """Return a whole number within bounds."""
        short = node.text.isascii() and node.text.isdecimal() and len(node.text) <= 4
        if not short or not least <= int(node.text) <= most:
            cure = f"Write a whole number from {least} to {most}"
            self.wrong(node.line, f"{node.text!r} is not from {least} to {most}", cure, place=name)
            return least
        return int(node.text)

    def amount(self, name: str, currency: str) -> Money:
        """Return an amount that may be left out: nothing then."""
        node = self._scalar(name, needed=False)
        return Money.zero(currency) if node is None else self.money(node, currency, name, free=True)

    def money(self, node: Written, currency: str, name: str, *, free: bool = False) -> Money:
        """Return an amount of at most six decimals; nothing only where it may be ``free``."""
        if not isinstance(node, Scalar) or node.nothing:
            self.wrong(node.line, "an amount is expected here", "Write one: 12.50", place=name)
            return Money.zero(currency)
        found = _AMOUNT.fullmatch(node.text)
        if found is None:
            cure = "Write digits and a point, without sign, space or currency: 1234.50"
            self.wrong(node.line, f"{node.text!r} is no amount", cure, place=name)
            return Money.zero(currency)
        if len(found[2] or "") > PRICE_DECIMALS:
            cure = f"Write at most {PRICE_DECIMALS}"
            self.wrong(node.line, f"{node.text} has too many decimals", cure, place=name)
        amount = Money(Decimal(node.text), currency)
        if not free and not amount.rounded().amount:
            self.wrong(node.line, "the price is nothing", "Write what it costs", place=name)
        return amount

    def said(self, name: str, *, longest: int, needed: bool = True) -> Text:
        node = self.node(name, needed=needed)
        if node is None:
            return Text({})
        return self.words(node, longest=longest, name=name, line=self.line_of(name))

    def words(self, node: Written, *, longest: int, name: str, line: int) -> Text:
        """Return a text in its languages; one that is written once is the same in all of them."""
        languages = self.notes.languages
        if isinstance(node, Scalar):
            text = self._fitting(node, longest, name)
            return Text(dict.fromkeys(languages.needed, text))
        fields = Fields(node, self._at(name), self.notes, line=line)
        others = sorted(set(languages.known) - set(languages.needed))
        said = {
            each: fields.text(each, longest=longest, needed=each in languages.needed)
            for each in (*languages.needed, *others)
        }
        fields.done()
        return Text({each: text for each, text in said.items() if text})

    def texts(self, name: str, *, longest: int) -> tuple[Text, ...]:
        """Return a list of texts that may be left out."""
        return tuple(
            self.words(node, longest=longest, name=name, line=node.line)
            for node in self.items(name, needed=False)
        )

    def items(self, name: str, *, needed: bool = True) -> list[Written]:
        node = self.node(name, needed=needed)
        if isinstance(node, Items):
            if not node.nodes and needed:
                self.wrong(node.line, "the list is empty", "Write at least one", place=name)
            return node.nodes
        if node is not None:
            self.wrong(node.line, "a list is expected here", "Begin each with “- ”", place=name)
        return []

    def named(
        self, name: str, *, longest: int, needed: bool = True
    ) -> Iterator[tuple[str, Written, int]]:
        """Return things by their codes: small letters, digits and single hyphens."""
        node = self.node(name, needed=needed)
        if node is None:
            return
        if not isinstance(node, Entries):
            self.wrong(node.line, "entries are expected here", "Write “code:” lines", place=name)
            return
        for code, each in node.nodes.items():
            line = node.lines[code]
            if not _CODE.fullmatch(code) or len(code) > longest:
                cure = f"Write small letters, digits and hyphens, at most {longest}"
                self.wrong(line, f"{code!r} is no code", cure, place=name)
            yield code, each, line

    def _scalar(self, name: str, *, needed: bool) -> Scalar | None:
        node = self.node(name, needed=needed)
        if node is None or isinstance(node, Scalar):
            return node
        self.wrong(node.line, "one value is expected here", f"Write “{name}: value”", place=name)
        return None

    def _given(self, name: str) -> Written | None:
        self._asked.append(name)
        node = self._nodes.get(name)
        return None if isinstance(node, Scalar) and node.nothing else node

    def _fitting(self, node: Scalar, longest: int, name: str) -> str:
        text = node.text.strip()
        if not text:
            self.wrong(node.line, "the text is empty", "Write one", place=name)
        if len(text) > longest:
            what = f"the text has {len(text)} signs"
            self.wrong(node.line, what, f"Write at most {longest}", place=name)
        return text

    def _at(self, name: str) -> str:
        return ", ".join(each for each in (self.place, name) if each)


def _one_of(words: Collection[str]) -> str:
    return f"Write one of {', '.join(words)}"
