"""After signing in one is where one wanted to go, and never elsewhere."""

import pytest

from nichandle.identity.signin.tests.attempts import attempt

pytestmark = pytest.mark.django_db


def test_after_signing_in_one_is_where_one_wanted_to_go(customer, visitor):
    asked = visitor.get("/account/edit")
    assert asked.headers["Location"] == "/signin?next=%2Faccount%2Fedit"
    assert (
        attempt(visitor, customer.handle, next="/account/edit").headers["Location"]
        == "/account/edit"
    )


@pytest.mark.parametrize(
    "foreign",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "foo",
        "area:home",
        "?a=1",
        "#x",
        "é",
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(customer, visitor, foreign):
    assert attempt(visitor, customer.handle, next=foreign).headers["Location"] == "/area"


@pytest.mark.parametrize("wanted", ["/é", "/contacts?after=1&b=é#x", "/%C3%A9"])
def test_a_page_of_ours_is_gone_to_however_it_is_written(customer, visitor, wanted):
    answer = attempt(visitor, customer.handle, next=wanted)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/")
    assert answer.headers["Location"] != "/area"


@pytest.mark.parametrize(
    "wanted",
    ["foo", "home", "area:home", "?a=1", "#x", "é", "/\\evil", "//localhost/area", "./area"],
)
def test_what_is_no_whole_path_leads_home(wanted, customer, visitor):
    first = attempt(customer.browser, customer.handle, next=wanted)
    assert (first.status_code, first.headers["Location"]) == (302, "/area")
    assert customer.browser.get("/signin", {"next": wanted}).headers["Location"] == "/area"
    spoken = visitor.post("/language", {"language": "fr", "next": wanted})
    assert (spoken.status_code, spoken.headers["Location"]) == (302, "/")


def test_a_whole_path_is_kept(customer):
    first = attempt(customer.browser, customer.handle, next="/account/ledger?kind=signin")
    assert first.headers["Location"] == "/account/ledger?kind=signin"
