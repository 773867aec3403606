"""The frame is drawn once and kept, and holds nothing of anybody: each sees their own."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.test import Client

from nichandle.platform.ui.templatetags import frames
from tests.support.people import Person, make_person

pytestmark = pytest.mark.django_db
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w{64})"')
NEXT = re.compile(r'name="next" value="([^"]*)"')


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    frames._kept.cache_clear()
    yield
    frames._kept.cache_clear()


def page(browser: Client, address: str = "/account/pause", language: str = "en") -> str:
    answer = browser.get(address, headers={"accept-language": language})
    assert answer.status_code == 200
    return answer.content.decode()


def header(shown: str) -> str:
    found = re.search(r"<header.*?</header>", shown, re.DOTALL)
    assert found is not None
    return re.sub(r"<[^>]*>", " ", found[0])


def test_each_sees_their_own_frame_whoever_was_there_before(
    customer: Person, stranger: Person, visitor: Client
) -> None:
    mine, theirs = customer.sign_in(), stranger.sign_in()
    for _ in range(2):
        for browser, person, other in ((mine, customer, stranger), (theirs, stranger, customer)):
            shown = page(browser)
            assert person.handle in re.sub(r"\s", "", header(shown))
            assert other.handle not in re.sub(r"<[^>]*>|\s", "", shown)
        shown = page(visitor, "/signin")
        assert "Sign in" in header(shown)
        assert "Sign out" not in shown
        assert "<nav" not in shown


def test_a_token_is_never_that_of_another(customer: Person, stranger: Person) -> None:
    seen = [set(TOKEN.findall(page(one.sign_in()))) for one in (customer, stranger, customer)]
    assert all(len(tokens) == 1 for tokens in seen)
    assert not seen[0] & seen[1]
    assert not seen[0] & seen[2]
    assert not any(frames._MARK.search(page(customer.sign_in())) for _ in range(2))


def test_a_form_of_the_frame_is_taken_where_forged_ones_are_not(customer: Person) -> None:
    strict = Client(HTTP_HOST="localhost", enforce_csrf_checks=True)
    strict.cookies = customer.sign_in().cookies
    token = TOKEN.findall(page(strict))[0]
    assert strict.post("/language", {"language": "fr"}).status_code == 403
    given = {"language": "fr", "next": "/account/pause", "csrfmiddlewaretoken": token}
    assert strict.post("/language", given).headers["Location"] == "/account/pause"


def test_each_page_leads_back_to_itself_and_marks_its_entry(customer: Person) -> None:
    browser = customer.sign_in()
    for _ in range(2):
        for address in ("/area", "/services?text=%22%3E%3Cb%3E", "/account", "/account/ledger"):
            shown = page(browser, address)
            assert {unescape(found) for found in NEXT.findall(shown)} == {address}
            marked = re.findall(r'<a href="([^"]*)" aria-current="page">', shown)
            entry = address.partition("?")[0]
            # What is behind the identifier stands in one list, the others in the bar and folded.
            assert marked == [entry] * (1 if entry.startswith("/account") else 2)


def test_languages_do_not_mix(visitor: Client) -> None:
    for _ in range(2):
        assert "Sign in" in header(page(visitor, "/signin", "en"))
        assert "Se connecter" in header(page(visitor, "/signin", "fr"))


@pytest.mark.parametrize(
    "name",
    ['"><script>x</script>', "\ue000csrf_token\ue001", "{{ csrf_token }}", "&lt;b&gt;"],
)
def test_a_name_made_to_be_more_than_a_name_is_shown_as_it_was_typed(name: str) -> None:
    browser = make_person("typed@example.org", given_name="D", family_name=name).sign_in()
    for _ in range(2):
        shown = re.search(r'<span class="name">D\. (.*?)</span>', page(browser))
        assert shown is not None
        assert unescape(shown[1]) == name
        assert "<" not in shown[1]


def test_what_visitors_write_does_not_fill_the_memory(visitor: Client) -> None:
    page(visitor, "/signin")
    kept = frames._kept.cache_info().currsize
    for number in range(20):
        page(visitor, f"/signin?next=/{number}")
    assert frames._kept.cache_info().currsize == kept


def test_what_is_written_in_anew_is_never_part_of_what_is_kept() -> None:
    for part in frames.PARTS.values():
        assert not set(part.differs) & set(part.filled)
        assert not set(part.differs) & {"here", "handle", "handle_drawn", "short_name", "account"}
