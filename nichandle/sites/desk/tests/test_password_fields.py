"""Every field of a password, on every page: masked, shown on request, filled in and pasted into."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from nichandle.identity.accounts import passwords
from nichandle.sites.desk.tests.people import invite
from tests.house.tree import PACKAGE
from tests.support.post import text_of
from tests.support.worker import work

pytestmark = pytest.mark.django_db
FIELD = re.compile(r'<input[^>]*type="password"[^>]*>')
REVEAL = re.compile(r'data-reveal="([^"]+)"')


def reset_page(customer, visitor, post) -> str:
    visitor.post("/password/lost", {"typed": customer.handle})
    work()
    link = re.search(r"/password/new/\S+", text_of(post.last_to(customer.email)))
    assert link
    return visitor.get(link[0]).content.decode()


def asked_again(customer) -> str:
    """The page that asks for the password before a sensitive act."""
    browser = customer.sign_in()
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        return browser.get("/account/edit").content.decode()


@pytest.fixture
def pages(customer, visitor, post) -> dict[str, str]:
    """Every page that asks for a password, by what it is for."""
    setup = visitor.get(invite("Claire")).content.decode()
    return {
        "signing in": visitor.get("/signin").content.decode(),
        "creating": visitor.get("/signup").content.decode(),
        "after a reset": reset_page(customer, visitor, post),
        "changing": customer.sign_in().get("/account/password").content.decode(),
        "again": asked_again(customer),
        "reviewers": visitor.get("/desk/signin").content.decode(),
        "reviewer set up": setup,
    }


def test_every_field_is_masked_and_may_be_shown(pages):
    """ASVS 5.0, 6.2.6. A field by another type would lack both, so names are looked at too."""
    for what, page in pages.items():
        fields = FIELD.findall(page)
        assert fields, what
        for field in fields:
            name = re.search(r'id="([^"]+)"', field)
            assert name
            assert name[1] in REVEAL.findall(page), what
        for named in re.findall(r"<input[^>]*(?:password|current)[^>]*>", page):
            assert 'type="password"' in named or 'type="hidden"' in named, (what, named)


def test_every_field_is_known_to_password_managers_and_takes_what_is_pasted(pages):
    """ASVS 5.0, 6.2.7: named for what it is for, not read-only, no shorter than a password."""
    for what, page in pages.items():
        for field in FIELD.findall(page):
            assert re.search(r'autocomplete="(?:current|new)-password"', field), (what, field)
            assert not re.search(r"readonly|\son[a-z]+=", field), (what, field)
            longest = re.search(r'maxlength="(\d+)"', field)
            assert longest is None or int(longest[1]) >= passwords.MAXIMUM_LENGTH


def test_no_script_listens_to_pasting():
    scripts = [path.read_text("utf-8") for path in PACKAGE.rglob("static/**/*.js")]

    assert scripts
    for script in scripts:
        assert not re.search(r"[\"'](?:paste|drop|beforeinput|contextmenu)[\"']", script)
