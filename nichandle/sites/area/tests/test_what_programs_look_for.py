"""Addresses and fields by which password managers and finders of weaknesses know their way."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone
from django.utils.translation import override

from nichandle.identity.signin.authentication.forms import SigninForm
from tests.support.worker import work

pytestmark = pytest.mark.django_db
USERNAME = re.compile(r'<input type="text" name="username" value="([^"]*)" autocomplete="username"')


def named_on(answer) -> list[str]:
    return USERNAME.findall(answer.content.decode())


def test_a_password_manager_finds_the_page_that_changes_a_password(visitor, customer):
    answer = visitor.get("/.well-known/change-password")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/password")

    assert (
        "Change my password" in customer.sign_in().get(answer.headers["Location"]).content.decode()
    )


def test_a_finder_of_a_weakness_is_told_whom_to_write_to(visitor, settings):
    assert visitor.get("/.well-known/security.txt").status_code == 404
    settings.NICHANDLE_SECURITY_CONTACT = "mailto:security@example.com"

    answer = visitor.get("/.well-known/security.txt")

    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert fields["Contact"] == "mailto:security@example.com"
    assert fields["Preferred-Languages"] == "fr, en"
    expires = datetime.strptime(fields["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timezone.now() < expires < timezone.now() + timedelta(days=365)


def test_pages_that_take_a_password_say_whose_it_is(customer):
    """A field that managers see; hidden ones do not count."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        browser = customer.sign_in()
        assert named_on(browser.get("/account/password")) == [customer.handle]
        clock.shift(timedelta(minutes=11))
        assert named_on(browser.get("/account/edit")) == [customer.handle]


def test_the_page_of_a_reset_link_shows_whose_password_it_sets(customer, visitor, post):
    visitor.post("/password/lost", {"typed": customer.email})
    work()
    (link,) = re.findall(r"/password/new/\S+", post.last_to(customer.email).text)

    page = visitor.get(link)

    assert named_on(page) == [customer.handle]
    assert f"<strong>{customer.handle}</strong>" in page.content.decode()


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "For up to 30 days. Not on"), ("fr", "Pendant 30 jours au plus. Pas sur")],
)
def test_what_stays_signed_in_is_said_in_the_readers_language(language, said):
    with override(language):
        assert str(SigninForm().fields["stay"].help_text).startswith(said)


ASKED = """
import django
django.setup()
from django.conf import settings
from nichandle.platform.ui.pages import Messages
names = settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME
print(*names, Messages.cookie_name)
"""


@pytest.mark.parametrize(("site", "prefix"), [("https", "__Host-"), ("http", "")])
def test_every_cookie_is_bound_to_this_host_where_the_site_is_https(tmp_path, site, prefix):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NICHANDLE_")}
    given = {
        "NICHANDLE_BASE_URL": f"{site}://area.example.com",
        "NICHANDLE_DATA": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "nichandle.config.settings",
    }

    names = subprocess.check_output([sys.executable, "-c", ASKED], env={**kept, **given}, text=True)

    expected = ["session", "csrf", "language", "messages"]
    assert names.split() == [f"{prefix}{name}" for name in expected]
