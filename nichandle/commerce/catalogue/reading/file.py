"""A catalogue as a whole: from the text of a file, from what was kept, and back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import Any, Final, TypeVar

from babel.numbers import list_currencies

from nichandle.commerce.catalogue.offers import Catalogue
from nichandle.commerce.catalogue.reading import things
from nichandle.commerce.catalogue.reading.faults import CatalogueWrong, Faults
from nichandle.commerce.catalogue.reading.fields import Fields, Languages, Notes
from nichandle.commerce.catalogue.reading.nodes import Scalar, Written, nodes_of, nodes_of_plain
from nichandle.platform.kernel.wording.languages import known

Thing = TypeVar("Thing")

SOLD_IN: Final = "EUR"
"""The one currency that invoices, their VAT and their accounting are in."""
PLURALS: Final = {"family": "families", "product": "products", "terms": "terms"}


@dataclass(frozen=True, slots=True)
class CatalogueRead:
    """A catalogue without fault, and the lines its things stand in: by kind and code."""

    catalogue: Catalogue
    lines: Mapping[tuple[str, str], int]


def read(text: bytes | str, *, languages: Sequence[str], name: str = "") -> CatalogueRead:
    """
    Read a catalogue; every text is needed in each of ``languages``.

    :raises CatalogueWrong: with every fault; ``name`` is what the file is called in them
    """
    notes = _notes(languages)
    root = nodes_of(text, notes.faults)
    catalogue = _catalogue(root, notes) if root is not None else None
    if notes.faults.found or catalogue is None:
        raise CatalogueWrong(notes.faults.found, name=name)
    return CatalogueRead(catalogue, notes.lines)


def of_plain(kept: Mapping[str, Any], *, languages: Sequence[str], edition: int) -> Catalogue:
    """
    Return a catalogue that was kept as ``writing.plain`` made it.

    It was judged when it was taken over: what later rules would say of it keeps nothing from being
    sold.
    """
    return _catalogue(nodes_of_plain(kept), _notes(languages), edition=edition)


def _notes(languages: Sequence[str]) -> Notes:
    return Notes(Faults(), Languages(tuple(languages), known()))


def _catalogue(root: Written, notes: Notes, *, edition: int = 0) -> Catalogue:
    fields = Fields(root, "", notes)
    currency, currencies = _currencies(fields)
    product = partial(things.product, currency=currency, currencies=currencies)
    made = Catalogue(
        edition=edition,
        currency=currency,
        currencies=currencies,
        families=_things(fields, "families", "family", things.family, things.FAMILY_CODE),
        products=_things(fields, "products", "product", product, things.CODE),
        terms=_things(fields, "terms", "terms", things.terms, things.CODE),
        languages=notes.languages.needed,
    )
    fields.done()
    _judge_references(made, notes)
    return made


def _currencies(fields: Fields) -> tuple[str, tuple[str, ...]]:
    """
    Return the currency that is sold in, and all that prices are written in.

    Others than ``SOLD_IN`` are a fault: an invoice in one needs its VAT in euros as well (BT-111),
    by a rate that nobody gives. Editions that were kept are read with theirs.
    """
    known_ones = list_currencies()
    currency = fields.text("currency", longest=3, default=SOLD_IN)
    found = {currency: fields.line_of("currency")}
    for node in fields.items("currencies", needed=False):
        found.setdefault(node.text if isinstance(node, Scalar) else "", node.line)
    for code, line in found.items():
        if code not in known_ones:
            cure = f"Write the three letters of ISO 4217: {SOLD_IN}"
            fields.wrong(line, f"{code!r} is no currency", cure)
        elif code != SOLD_IN:
            cure = f"Write prices in {SOLD_IN}: there is no rate for the VAT of others"
            fields.wrong(line, f"nothing can be invoiced in {code}", cure)
    real = [code for code in found if code in known_ones]
    real = real or [SOLD_IN]
    return (currency if currency in real else real[0]), tuple(real)


def _things(
    fields: Fields, name: str, kind: str, make: Callable[[str, Fields], Thing], longest: int
) -> tuple[Thing, ...]:
    found = []
    for code, node, line in fields.named(name, longest=longest):
        fields.notes.lines[kind, code] = line
        found.append(make(code, Fields(node, f"{name}, {code}", fields.notes, line=line)))
    return tuple(found)


def _judge_references(catalogue: Catalogue, notes: Notes) -> None:
    for each in notes.references:
        if (each.kind, each.code) not in notes.lines:
            codes = [code for kind, code in notes.lines if kind == each.kind]
            near = get_close_matches(each.code, codes, 1)
            cure = f"Write {near[0]!r}, if that is meant" if near else "Add it, or take this out"
            what = f"{each.code!r} is none of the {PLURALS[each.kind]}"
            notes.faults.add(each.line, each.place, what, cure)
    for product in catalogue.products:
        for code in (*product.upgrades, *product.downgrades):
            other = catalogue.known(code)
            if other is product or (other is not None and other.family != product.family):
                line, place = notes.lines["product", product.code], f"products, {product.code}"
                what = f"it cannot become {code!r}"
                cure = f"Name another product of the family {product.family!r}"
                notes.faults.add(line, place, what, cure)
