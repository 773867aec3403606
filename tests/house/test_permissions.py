"""Every address, asked by every kind of visitor: the answer stands in the permission table."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter
from django.utils import timezone

from nichandle.config.permissions import PERMISSIONS, VISITORS, Row
from nichandle.identity.accounts import operations as accounts
from nichandle.identity.signin.sessions.opening import open_session
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.ui.converters import LARGEST_KEY, RowKey

pytestmark = pytest.mark.django_db

ROWS = {row.name: row for row in PERMISSIONS}
ORIGIN = Origin("203.0.113.7", "")
# What stands in an address in place of a parameter: the name of nothing.
PARAMETERS = {
    "name": "0" * 32,
    "mail_id": 1,
    "secret": "x" * 32,
    "plan": "web-pro",
    "which": 1,
    "kind": "app",
    "factor_id": 1,
    "number": "D-7K3M-92QF",
    "page": 0,
    "provider": "test",
    "service_id": 1,
    "request_id": 1,
    "family": "none",
    "product": "none",
    "terms": "none",
    "year": 2026,
    "place": 1,
    "link_id": 1,
    "copy_id": 1,
    "who": "00000000-0000-0000-0000-000000000001",
}
WRITING = ("put", "patch", "delete")


def walk(patterns, space="") -> Iterator[tuple[str, URLPattern]]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from walk(
                each.url_patterns, f"{space}{each.namespace}:" if each.namespace else space
            )
        else:
            assert each.name, f"{each.pattern} has no name"
            yield f"{space}{each.name}", each


PATTERNS = dict(walk(get_resolver().url_patterns))


def address(name: str) -> str:
    wanted = PATTERNS[name].pattern.converters
    return reverse(name, kwargs={key: PARAMETERS[key] for key in wanted})


def test_no_address_takes_a_number_that_no_row_can_have():
    """``key`` is the converter of row keys: Django's ``int`` lets 2**80 through to the database."""
    for name, pattern in PATTERNS.items():
        for converter in pattern.pattern.converters.values():
            assert not isinstance(converter, IntConverter), f"{name}: write <key:…>"


NUMBERED = [
    (name, which)
    for name, pattern in PATTERNS.items()
    for which, converter in pattern.pattern.converters.items()
    if isinstance(converter, RowKey)
]


@pytest.mark.parametrize("number", [2**63 - 1, 2**63, 2**80], ids=["2^63-1", "2^63", "2^80"])
@pytest.mark.parametrize(("name", "which"), NUMBERED)
def test_a_number_beyond_every_row_is_not_found(name, which, number, browser_of):
    given = {key: PARAMETERS[key] for key in PATTERNS[name].pattern.converters}
    place = reverse(name, kwargs=given | {which: LARGEST_KEY})
    browser = browser_of("customer")

    for method in ("get", "post"):
        answer = getattr(browser, method)(place.replace(str(LARGEST_KEY), str(number)))
        if number > LARGEST_KEY:
            assert answer.status_code == 404
        else:
            assert answer.status_code < 500


def test_there_are_numbered_addresses_to_try():
    assert len(NUMBERED) > 15


@pytest.fixture
def opening_account(db):
    return accounts.create_opening(
        email="opening@example.org",
        password_hash="!",
        length_class="long",
        country="FR",
        language="en",
        act=Act(ORIGIN, timezone.now()),
    )


@pytest.fixture
def browser_of(customer, opening_account):
    def browser(visitor: str, **options) -> Client:
        found = Client(HTTP_HOST="localhost", **options)
        account = {"opening": opening_account, "customer": customer.account}.get(visitor)
        if account is not None:
            session = open_session(
                account_id=account.pk, stay=False, act=Act(ORIGIN, timezone.now())
            )
            found.cookies[settings.SESSION_COOKIE_NAME] = session.key
        return found

    return browser


def test_every_address_has_its_row_and_every_row_its_address():
    assert len(PATTERNS) > 15
    assert PATTERNS.keys() - ROWS.keys() == set(), "add them to nichandle/config/permissions.py"
    assert ROWS.keys() - PATTERNS.keys() == set(), "no such address"
    assert len(ROWS) == len(PERMISSIONS)


def test_an_address_without_a_row_would_be_noticed():
    assert {*PATTERNS, "area:secret"} - ROWS.keys() == {"area:secret"}


@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("row", PERMISSIONS, ids=lambda row: row.name)
def test_the_answer_is_that_of_the_table(row: Row, method, visitor, browser_of):
    expected = getattr(row, method)[VISITORS.index(visitor)]

    answer = getattr(browser_of(visitor), method)(address(row.name))

    if isinstance(expected, str):
        assert answer.status_code == 302
        assert answer.headers["Location"].partition("?")[0] == reverse(expected)
    else:
        assert answer.status_code == expected


PAGES = [row for row in PERMISSIONS if row.get[:1] != (200,) and row.get[-1] == 200]


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row.name)
def test_every_page_of_somebody_signed_in_offers_to_sign_out(row: Row, browser_of):
    answer = browser_of("customer").get(address(row.name))
    if answer.headers["Content-Type"].startswith("text/html"):
        assert f'action="{reverse("signin:signout")}"' in answer.content.decode()
    else:
        assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("row", PERMISSIONS, ids=lambda row: row.name)
def test_nothing_takes_other_methods(row: Row, browser_of):
    for method in WRITING:
        assert getattr(browser_of("customer"), method)(address(row.name)).status_code == 405


@pytest.mark.parametrize("row", PERMISSIONS, ids=lambda row: row.name)
def test_nothing_is_written_without_the_token_of_a_page(row: Row, browser_of):
    if row.post == (405, 405, 405):
        pytest.skip("takes no form")

    answer = browser_of("customer", enforce_csrf_checks=True).post(address(row.name))

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "row", [row for row in PERMISSIONS if row.demo_only], ids=lambda row: row.name
)
def test_production_has_no_page_of_demo_mode(row: Row, browser_of, settings):
    settings.DEMO = False
    for visitor in VISITORS:
        assert browser_of(visitor).get(address(row.name)).status_code == 404


def test_there_are_pages_of_demo_mode_to_try():
    assert any(row.demo_only for row in PERMISSIONS)


@pytest.mark.parametrize("visitor", VISITORS)
def test_what_does_not_exist_is_a_page_that_helps(visitor, browser_of):
    answer = browser_of(visitor).get("/nowhere/at/all")

    assert answer.status_code == 404
    assert "<h1" in answer.content.decode()


@pytest.mark.parametrize("row", PERMISSIONS, ids=lambda row: row.name)
def test_what_is_somebodys_own_is_kept_by_no_cache(row: Row, browser_of):
    answer = browser_of("customer").get(address(row.name))
    if answer.status_code == 200 and row.get[0] != 200:
        assert "no-store" in answer.headers.get("Cache-Control", "")
