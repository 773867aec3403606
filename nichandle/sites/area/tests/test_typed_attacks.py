"""What is typed to be taken for something else: markup, statements, patterns, templates."""

import json
import re
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest

from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import profile
from tests.support.people import PERSON

pytestmark = pytest.mark.django_db
STATEMENTS = [
    "' OR '1'='1",
    "'; DELETE FROM accounts_account; --",
    '" OR ""="',
    "x') UNION SELECT password FROM accounts_account --",
    "\\' OR 1=1 --",
    "%' OR 1=1 --",
    "$$; SELECT pg_sleep(9); --",
]
MARKUP = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus='alert(1)",
    "</title><svg onload=alert(1)>",
    "<!-- --><b>",
    "]]></script><b>",
]
OTHERS = [
    "{{ settings.SECRET_KEY }}",
    "{% include 'ui/base.html' %}",
    "{0.__class__.__mro__}",
    "%(password)s %s %n",
    "${jndi:ldap://evil.example/a}",
    "(a+)+$",
    "[a-z",
    "\\Q.*",
]


@pytest.mark.parametrize("typed", STATEMENTS)
def test_a_statement_is_only_a_text_that_finds_nothing(typed, customer, stranger, make_service):
    make_service("mercier.example")
    here = stranger.sign_in()
    before = Account.objects.count()

    listed = here.get("/services", {"text": typed})
    ledger = here.get("/account/ledger", {"kind": typed, "since": typed, "after": typed})
    asked = here.post("/signin", {"identifier": typed, "password": typed})
    found = here.get("/services", {"order": typed, "after": typed, "product": typed})

    assert listed.status_code == 200
    assert "mercier.example" not in listed.content.decode() + found.content.decode()
    assert ledger.status_code in {200, 422}
    assert asked.status_code == 422
    assert Account.objects.count() == before


@pytest.mark.parametrize("typed", [*MARKUP, *OTHERS])
def test_what_was_typed_stands_in_the_form_as_it_was_typed(typed, visitor):
    page = visitor.post("/signin", {"identifier": typed, "password": ""}).content.decode()

    (field,) = re.findall(r'<input[^>]*name="identifier"[^>]*>', page)
    (value,) = re.findall(r'value="([^"]*)"', field)
    assert unescaped(value) == typed.strip()
    assert typed not in page or not re.search(r"[<>\"']", typed)


def unescaped(text: str) -> str:
    for sign, written in (("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#x27;")):
        text = text.replace(written, sign)
    return text.replace("&amp;", "&")


@pytest.mark.parametrize("typed", [*MARKUP, *OTHERS])
def test_what_is_kept_is_shown_as_text_on_every_page(typed, customer):
    """As if it had come from an import: the form itself takes far less."""
    Account.objects.filter(pk=customer.account.pk).update(
        given_name=typed, address=typed, city=typed
    )
    here = customer.sign_in()
    for place in ("/area", "/account", "/account/edit", "/area/identifier"):
        page = here.get(place).content.decode()
        assert Scripts(page).found == [], place
        assert "nichandle.identity" not in page, place


class Scripts(HTMLParser):
    """What a browser would run of a page, our own files aside."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "script" and not (given.get("src") or "").startswith("/static/"):
            self.found.append(tag)
        self.found += [name for name in given if name.startswith("on")]
        self.found += [text for text in given.values() if (text or "").startswith("javascript:")]


def test_what_a_key_is_asked_is_whole_json_whatever_the_name(customer):
    name = "</script>\"'<b>\u2028{{ 7 }}"
    Account.objects.filter(pk=customer.account.pk).update(given_name=name)

    page = customer.sign_in().get("/account/security/factors/key").content.decode()

    (written,) = re.findall(r'data-key-options="([^"]*)"', page)
    asked = json.loads(unescaped(written))
    assert asked["user"]["displayName"].startswith(name[:9])
    assert "</script>\"'" not in page


@pytest.mark.parametrize(
    "wanted",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/%0d%0aSet-Cookie:a=b",
        "/area\r\nSet-Cookie: a=b",
    ],
)
def test_no_address_leads_elsewhere_and_none_adds_a_header(wanted, customer):
    answer = customer.browser.post(
        "/signin", {"identifier": customer.handle, "password": customer.password, "next": wanted}
    )

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/")
    assert not answer.headers["Location"].startswith(("//", "/\\"))
    assert "\n" not in answer.headers["Location"]
    assert "a" not in answer.cookies


def test_what_is_added_to_an_address_is_written_for_it(visitor):
    answer = visitor.get("/services", {"text": 'a&next=//evil.example"#'})

    kept = urlsplit(answer.headers["Location"])
    assert kept.path == "/signin"
    assert kept.fragment == ""
    (wanted,) = parse_qs(kept.query)["next"]
    assert parse_qs(urlsplit(wanted).query)["text"] == ['a&next=//evil.example"#']


@pytest.mark.parametrize("typed", [*STATEMENTS, *MARKUP])
def test_details_that_are_none_are_refused_on_our_side(typed, customer):
    """The browser judges nothing: the rules are the server's."""
    answer = customer.sign_in().post("/account/edit", {**PERSON, "given_name": typed})

    assert answer.status_code == 422
    assert profile(customer.account.pk).given_name == "Diane"
