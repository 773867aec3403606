"""Every page of the customer area has its place in the menu, and a way up that can be gone."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from nichandle.config.permissions import PERMISSIONS, SIGN_IN, Row
from nichandle.platform.ui import menu
from tests.house.test_permissions import PATTERNS

pytestmark = pytest.mark.django_db
NO_PAGES = {"area:ledger_csv", "area:mail_html"}
"""Files, and what is shown inside a page."""


def in_the_area(row: Row) -> bool:
    """Tell whether an address shows a page to somebody signed in, and to nobody else."""
    shown = row.get[0] == SIGN_IN and row.get[-1] != 405 and row.name not in NO_PAGES
    return shown and not row.name.startswith(("signin:", "signup:"))


PAGES = [row for row in PERMISSIONS if in_the_area(row)]


def simple(name: str) -> bool:
    return not PATTERNS[name].pattern.converters


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row.name)
def test_it_has_a_place_whose_way_up_leads_to_an_entry(row: Row):
    place = menu.place_of(row.name)

    assert place.entry in {entry.name for entry in menu.entries()}, "say it in the room's apps.py"
    above, steps = row.name, 0
    while above != place.entry:
        above = menu.place_of(above).up
        steps += 1
        assert simple(above), "a way up has no parameter"
        assert steps < 4


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row.name)
def test_a_way_up_has_a_name(row: Row):
    place = menu.place_of(row.name)

    assert bool(place.up) == bool(str(place.label)) == (row.name != place.entry)


def test_there_are_pages_to_ask():
    assert len(PAGES) > 40


def test_a_page_that_no_room_has_placed_would_be_noticed():
    assert menu.place_of("nobody:page") == menu.NOWHERE


def test_pages_below_an_entry_show_it_and_the_way_up(customer):
    page = customer.sign_in().get(reverse("area:new_app")).content.decode()

    assert re.search(r'<nav class="up"[^>]*><a href="/account/security/factors">', page)
    assert '<a href="/account/security" aria-current="true">' in page


def test_the_menu_has_the_important_entries_in_their_order(customer):
    page = customer.sign_in().get("/area").content.decode()
    bar = re.search(r'<nav class="main".*?</nav>', page, re.DOTALL)[0]

    wanted = ["/area", "/services", "/orders", "/invoices"]
    assert [one for one in re.findall(r'href="([^"]*)"', bar) if one in wanted] == wanted
    assert "/account" not in bar


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_menu_of_more_or_longer_words_folds_earlier(language):
    with translation.override(language):
        labels = tuple(str(entry.label) for entry in menu.entries() if not entry.own)

    few, many = menu.folds_at(labels[:2], "Nichandle"), menu.folds_at(labels, "Nichandle")
    longer = menu.folds_at((*labels, "Unterstützung und Anleitungen"), "Nichandle")
    assert few < many < longer
    assert all(width in range(menu.NARROWEST, menu.WIDEST + 1, menu.STEP) for width in (few, many))


def test_every_width_at_which_the_menu_may_fold_stands_in_the_stylesheet(visitor: Client):
    css = visitor.get("/static/ui/nichandle.css")
    text = b"".join(css).decode() if css.streaming else css.content.decode()

    for width in range(menu.NARROWEST, menu.WIDEST + 1, menu.STEP):
        assert (
            f"@media (max-width: {width}rem) {{ .fold-{width} nav.main {{ display: none; }}" in text
        )
