"""The area's pages: the frame, my account, what others may not see, languages, errors."""

import re

import pytest
from django.test import Client

from nichandle.identity.accounts import queries
from nichandle.platform.outbox import demo
from tests.support.people import PERSON

pytestmark = pytest.mark.django_db
PAGES = ["/area", "/area/identifier", "/account", "/account/edit", "/signup/done"]


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode()))


@pytest.mark.parametrize("page", PAGES)
def test_name_and_identifier_stand_in_the_header_of_every_page(customer, page):
    answer = customer.sign_in().get(page)

    header = re.search(r"<header.*?</header>", answer.content.decode(), re.DOTALL)[0]
    assert "D. Mercier" in header
    assert customer.handle in re.sub(r"<[^>]+>", "", header)
    menu = re.search(r'<details class="menu who">.*?</details>', header, re.DOTALL)[0]
    assert re.search(r'class="sheet">\s*<a href="/account"', menu)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_without_session_is_sent_to_sign_in(visitor, page):
    answer = visitor.get(page)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/signin?next=")


def test_my_account_shows_everything_and_only_mine(customer, stranger):
    shown = text(customer.sign_in().get("/account"))

    for value in (PERSON["address"], PERSON["city"], customer.email, "Individual", "France"):
        assert value in shown
    assert stranger.email not in shown


def test_modify_then_validate_saves_and_says_so(customer):
    browser = customer.sign_in()
    answer = browser.post("/account/edit", {**PERSON, "city": "Roubaix"}, follow=True)

    assert "Your details are saved." in text(answer)
    assert queries.profile(customer.account.pk).city == "Roubaix"


def test_a_wrong_detail_is_told_beside_its_field_and_all_is_kept(customer):
    answer = customer.sign_in().post(
        "/account/edit", {**PERSON, "city": "Roubaix", "phone": "12 34 56 78 90 12"}
    )
    page = answer.content.decode()

    assert answer.status_code == 422
    assert 'id="id_phone_error"' in page
    assert re.search(r'<input[^>]*id="id_phone"[^>]*aria-invalid="true"', page) or re.search(
        r'aria-invalid="true"[^>]*id="id_phone"', page
    )
    assert 'value="Roubaix"' in page
    assert queries.profile(customer.account.pk).city == "Lille"


def test_fields_nobody_asked_for_change_nothing(customer):
    customer.sign_in().post(
        "/account/edit", {**PERSON, "state": "closed", "country": "DE", "email": "x@example.org"}
    )

    profile = queries.profile(customer.account.pk)
    assert (profile.state, profile.country, profile.email) == ("active", "FR", customer.email)


def test_very_long_names_are_told_their_limit(customer):
    answer = customer.sign_in().post("/account/edit", {**PERSON, "given_name": "A" * 500})

    assert answer.status_code == 422
    assert "Use at most 80 characters." in text(answer)


def test_names_are_shown_as_text(customer):
    customer.sign_in().post("/account/edit", {**PERSON, "city": "Ville & <b>Cie"})

    assert "<b>Cie" not in customer.browser.get("/account").content.decode()


def test_the_language_switch_changes_the_account_and_its_browser(customer):
    browser = customer.sign_in()
    answer = browser.post("/language", {"language": "fr", "next": "/account"})

    assert answer.headers["Location"] == "/account"
    assert "Mon compte" in text(browser.get("/account"))
    assert queries.profile(customer.account.pk).language == "fr"


@pytest.mark.parametrize("wanted", ["xx", "", "../fr", "it"])
def test_an_unknown_language_changes_nothing(visitor, wanted):
    answer = visitor.post("/language", {"language": wanted, "next": "https://evil.example"})

    assert answer.headers["Location"] == "/"
    assert "language" not in answer.cookies


def test_without_a_wish_the_product_speaks_french(db):
    assert 'lang="fr"' in Client(HTTP_HOST="localhost").get("/").content.decode()
    klingon = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="tlh")
    assert 'lang="fr"' in klingon.get("/").content.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", "Il n’y a rien à cette adresse"), ("en", "There is nothing at this address")],
)
def test_a_page_that_is_not_there_helps(visitor, language, words):
    answer = visitor.get("/no/such/page", headers={"accept-language": language})

    assert answer.status_code == 404
    assert words in answer.content.decode()
    assert 'href="/"' in answer.content.decode()


def test_what_breaks_is_a_page_that_helps(customer, settings, monkeypatch):
    browser = customer.sign_in()
    browser.raise_request_exception = False
    monkeypatch.setattr("nichandle.sites.area.views.account.overview", lambda *_a, **_k: 1 / 0)

    answer = browser.get("/area")

    assert answer.status_code == 500
    assert "Something broke on our side" in answer.content.decode()


def test_nul_is_refused_at_the_edge(visitor):
    assert visitor.post("/signin", {"identifier": "a\0b", "password": "x"}).status_code == 400
    assert visitor.get("/signin?next=%00").status_code == 400


def test_maintenance_answers_every_page_with_help(visitor, settings):
    settings.NICHANDLE_MAINTENANCE = True
    answer = visitor.get("/signin")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "Back in a few minutes" in answer.content.decode()
    assert visitor.get("/healthz").status_code == 200


@pytest.mark.parametrize("page", ["/", "/signin", "/no/such/page"])
def test_every_answer_has_the_strict_policy(visitor, page):
    policy = visitor.get(page).headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert visitor.get(page).headers["X-Content-Type-Options"]


def test_the_mail_viewer_shows_what_was_sent_in_a_sandbox(visitor, settings, tmp_path, now, origin):
    settings.NICHANDLE_DATA = tmp_path
    assert "No mail yet" in visitor.get("/mail/").content.decode()
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / f"{'a' * 32}.eml").write_bytes(
        b"From: a@example.org\r\nTo: b@example.org\r\nSubject: Hello\r\n"
        b"Date: Mon, 23 Nov 2026 14:05:00 +0000\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>Hi<script>alert(1)</script></p>\r\n"
    )
    (letter,) = demo.letters()

    assert "Hello" in visitor.get("/mail/").content.decode()
    assert "sandbox" in visitor.get(f"/mail/{letter.name}").content.decode()
    alone = visitor.get(f"/mail/{letter.name}/html")
    assert alone.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert visitor.get(f"/mail/{'b' * 32}").status_code == 404
    assert visitor.get("/mail/..%2Fsecret").status_code == 404


def test_outside_demo_mode_there_is_no_mail_viewer_and_no_style_page(visitor, settings):
    settings.DEMO = False
    for page in ("/mail/", f"/mail/{'a' * 32}", "/style"):
        assert visitor.get(page).status_code == 404
    assert "quatre lilas" not in visitor.get("/signin").content.decode()
