"""Signing out at a computer that others use: nothing is left on the screen."""

import pytest
from playwright.sync_api import expect

from tests.journeys.people import WORDS, create_account

pytestmark = pytest.mark.browser


def test_a_tab_left_open_shows_nothing_after_signing_out(product, open_page):
    page = open_page(language="en")
    handle, _address = create_account(page, product, WORDS["en"])
    left = page.context.new_page()
    left.goto("/account")
    expect(left.locator("body")).to_contain_text(handle)

    page.locator("header .who summary").click()
    # Even where the server does not answer any more.
    page.route("**/signout", lambda route: route.abort())
    # The other tab is emptied before the request leaves, which must not find the way open again.
    with page.expect_event("requestfailed", lambda asked: asked.url.endswith("/signout")):
        page.get_by_role("button", name=WORDS["en"]["sign out"]).click(no_wait_after=True)

    expect(left.locator("body")).to_be_empty()
    page.unroute("**/signout")
    page.goto("/area")
    page.locator("header .who summary").click()
    page.get_by_role("button", name=WORDS["en"]["sign out"]).click()
    expect(page).to_have_url(f"{product.url}/signin")
    left.evaluate("dispatchEvent(new Event('focus'))")
    expect(left).to_have_url(f"{product.url}/signin?next=%2Faccount")
