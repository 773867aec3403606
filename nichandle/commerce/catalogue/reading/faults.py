"""What is wrong with a catalogue: where, what, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from nichandle.platform.kernel.errors import Refused

MOST: Final = 100
"""So many faults are told of one file: whoever has more begins with these."""
LONGEST_WORDS: Final = 200
"""Of what a fault repeats from the file."""


@dataclass(frozen=True, slots=True, order=True)
class CatalogueFault:
    """One fault: its line counted from 1, the entry it is in, what is wrong, and the cure."""

    line: int
    place: str
    what: str
    cure: str

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place else ""
        return f"line {self.line}: {place}{self.what}. {self.cure}."


class CatalogueWrong(Refused):
    """
    The text is no catalogue; ``faults`` are all that was found, in the order of the lines.

    ``lines`` are their sentences, headed by the ``name`` of the file.
    """

    code = "catalogue.wrong"
    message = "This catalogue cannot be taken over; what is sold stays as it is.\n%(faults)s"

    def __init__(self, faults: Iterable[CatalogueFault], *, name: str = "") -> None:
        self.faults = tuple(sorted(set(faults)))
        self.lines = [f"{name}, {fault}" if name else str(fault) for fault in self.faults]
        super().__init__(faults="\n".join(self.lines))


@dataclass(slots=True)
class Faults:
    """Collects what is wrong while reading goes on."""

    found: list[CatalogueFault] = field(default_factory=list)

    def add(self, line: int, place: str, what: str, cure: str) -> None:
        if len(self.found) < MOST:
            self.found.append(CatalogueFault(line, _short(place), _short(what), cure))
        elif len(self.found) == MOST:
            more = CatalogueFault(line, "", "there are more faults", "Correct those above first")
            self.found.append(more)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_WORDS else f"{text[:LONGEST_WORDS]}…"
