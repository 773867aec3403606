"""Small catalogues, written as an operator writes them."""

from pathlib import Path

from nichandle.commerce.catalogue import following
from nichandle.commerce.catalogue.offers import Catalogue
from nichandle.commerce.catalogue.reading.faults import CatalogueFault, CatalogueWrong
from nichandle.commerce.catalogue.reading.file import read

LANGUAGES = ("fr", "en")
SMALL = """\
currency: EUR
families:
  hosting:
    name: {fr: Hébergement web, en: Web hosting}
    description: {fr: Pour votre site., en: For your site.}
terms:
  general:
    version: "1"
    title: {fr: Conditions, en: Terms}
    text: {fr: Vous payez., en: You pay.}
products:
  web-start:
    family: hosting
    name: Web Start
    summary: {fr: Un petit site., en: A small site.}
    vat_class: electronic
    prices:
      - {since: 2026-01-01, periods: {1: 2.99, 12: 29.90}}
      - {since: 2027-02-01, setup: 5, periods: {12: 35}}
    questions:
      domain:
        label: {fr: Nom de domaine, en: Domain name}
        rule: domain
    terms: [general]
    withdrawal: {allowed: yes}
    refund: {rule: unused, text: {fr: Rendu au jour près., en: Refunded to the day.}}
"""


def demo_text() -> bytes:
    return Path(following.DEMO).read_bytes()


def small(*changes: tuple[str, str]) -> str:
    """Return the small catalogue with some of its words changed."""
    text = SMALL
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def catalogue(text: bytes | str) -> Catalogue:
    return read(text, languages=LANGUAGES).catalogue


def faults(text: bytes | str) -> tuple[CatalogueFault, ...]:
    """Return what is wrong with a text; nothing when it is a catalogue."""
    try:
        read(text, languages=LANGUAGES)
    except CatalogueWrong as wrong:
        return wrong.faults
    return ()
