"""No page is wider than its window, whatever the window, the names and the language."""

import pytest
from django.urls import reverse

from nichandle.config.permissions import PERMISSIONS
from tests.house.test_permissions import PATTERNS
from tests.journeys.people import fits

pytestmark = pytest.mark.browser

WIDTHS = (320, 360, 390, 640, 736, 768, 820, 920, 1024, 1100, 1152, 1280, 1440, 1920)
LONG = {
    "given_name": "W" * 79,
    "family_name": "Warnakulasuriyapatabendige-Chaimongkolsrisawat",
    "address": "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogoch" * 2,
    "city": "Taumatawhakatangihangakoauauotamateaturipukakapikimaungahoronukupokai",
}
LONG_NAMES = tuple(f"{name}.{'w' * 45}" for name in ("one", "two", "three"))
OPEN = [row.name for row in PERMISSIONS if row.get == (200, 200, 200)]
OWN = [row.name for row in PERMISSIONS if row.get[-1] == 200 and row.get[0] != 200]
FILES = {"ui:brand", "healthz", "area:ledger_csv", "invoices:csv", "orders:file"}
LONGEST_SUFFIX = "document.querySelectorAll('.suffix').forEach(one => one.textContent = '-WWWWW')"


def addresses(names) -> list[str]:
    plain = (name for name in names if name not in FILES and not PATTERNS[name].pattern.converters)
    return [reverse(name) for name in plain]


def too_wide(page, address) -> list[str]:
    """Open a page and return the widths at which it does not fit."""
    page.goto(address)
    page.evaluate(LONGEST_SUFFIX)
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if not fits(page):
            much = page.evaluate("document.documentElement.scrollWidth")
            found.append(f"{address} at {width}: {much}")
    return found


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_page_is_wider_than_its_window(parties, language):
    diane, _bakery, _choir = parties(language, details=LONG, names=LONG_NAMES)
    page, found = diane.page, []
    for address in (*addresses(OWN), *addresses(OPEN), "/nothing-here"):
        found += too_wide(page, address)
    page.goto("/services")
    for link in page.locator("main td a[href^='/services/']").evaluate_all(
        "all => all.slice(0, 2).map(one => one.href)"
    ):
        found += too_wide(page, link)
    page.goto("/account/mails")
    for link in page.locator("main a[href^='/account/mails/']").evaluate_all(
        "all => all.slice(0, 3).map(one => one.href)"
    ):
        found += too_wide(page, link)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_menu_is_whole_or_folded_and_never_both(parties, language):
    page = parties(language, details=LONG, names=LONG_NAMES)[0].page
    page.goto("/area")
    bar, folded = page.locator("nav.main").first, page.locator("details.menu.main")
    seen = set()
    for width in range(320, 1921, 40):
        page.set_viewport_size({"width": width, "height": 900})
        assert bar.is_visible() != folded.is_visible(), width
        seen.add(bar.is_visible())
        header = page.locator("header.frame .bar").bounding_box()
        assert header["height"] < 90, f"the bar is on two lines at {width}"
    assert seen == {True, False}
