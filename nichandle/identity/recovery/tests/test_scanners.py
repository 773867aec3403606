"""Programs that check mail open links, press buttons and fill in forms: nothing may come of it."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from nichandle.identity.accounts.models import Account, RecoveryAddress, RecoveryLink
from nichandle.identity.cases.models import Case, Objection
from nichandle.identity.notme.models import NotMeLink
from nichandle.identity.pauses.models import Pause
from nichandle.identity.recovery.models import PasswordReset, ResetStop
from nichandle.identity.signin.credentials.password import change_password
from nichandle.identity.signin.models import KnownBrowser, Session
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel.act import Act
from tests.support.cases import World
from tests.support.people import PASSWORD
from tests.support.post import text_of, waiting_code

pytestmark = pytest.mark.django_db
LINK = re.compile(
    r"https?://[^/\s]+(/(?:not-me|password/stop|recovery-address/undo|procedure/notice)/\S+)"
)
FORM = re.compile(r'(<form[^>]*method="post"[^>]*>)(.*?)</form>', re.DOTALL)
INPUT = re.compile(r"<(?:input|button|select)\b[^>]*>")
SPARE, OTHER = "spare@example.net", "other@example.net"
TABLES = (
    Account,
    RecoveryAddress,
    RecoveryLink,
    Case,
    Objection,
    NotMeLink,
    Pause,
    PasswordReset,
    ResetStop,
    KnownBrowser,
    Session,
)


def state():
    return [list(model.objects.order_by("pk").values()) for model in TABLES]


def attribute(tag, name):
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return found[1] if found else ""


def fillings(page, *, choose):
    """Return where and what each button sends, the first of each choice taken if one chooses."""
    for opening, form in FORM.findall(page):
        fields, buttons = {}, []
        for tag in INPUT.findall(form):
            name, kind = attribute(tag, "name"), attribute(tag, "type")
            if tag.startswith("<button"):
                buttons.append({name: attribute(tag, "value")} if name else {})
            elif kind in {"radio", "checkbox"}:
                if choose:
                    fields.setdefault(name, attribute(tag, "value") or "on")
            elif name:
                fields[name] = attribute(tag, "value")
        for button in buttons or [{}]:
            yield attribute(opening, "action"), fields | button


@pytest.fixture
def everything_open(customer, visitor, post):
    """An account whose mailboxes hold a link of every kind of these rooms."""
    proven = timezone.now() - timedelta(days=30)
    customer.account.recovery_addresses.create(
        address=SPARE, address_key=SPARE, added_at=proven, proven_at=proven
    )
    Account.objects.update(email_proven_at=proven)
    browser = customer.sign_in()
    change_password(
        account_id=customer.account.pk,
        current=PASSWORD,
        new="carafe violette sur le quai",
        key=browser.cookies["session"].value,
        act=Act.by_itself(timezone.now()),
    )
    added = browser.post("/account/recovery-addresses", {"address": OTHER})
    code = waiting_code("accounts/mail/recovery_code", OTHER)
    browser.post(added.headers["Location"], {"code": code})
    visitor.post("/password/lost", {"typed": customer.handle, "by_recovery": "on"})
    World(customer, None, []).open("address_lost")
    return post


@pytest.mark.parametrize("choose", [False, True], ids=["presses", "fills in"])
def test_what_presses_every_button_of_every_link_changes_nothing(customer, everything_open, choose):
    everything_open.deliver()
    texts = [text_of(mail) for _to, mail in everything_open.messages]
    links = {match for text in texts for match in LINK.findall(text)}
    assert len({link.rsplit("/", 1)[0] for link in links}) == 4
    before, entries = state(), len(ledger.entries_of(customer.account.pk).rows)

    for link in sorted(links):
        scanner = Client(HTTP_HOST="localhost")
        page = scanner.get(link)
        assert page.status_code == 200, link
        for action, sent in fillings(page.content.decode(), choose=choose):
            answer = scanner.post(action or link, sent)
            assert action or answer.status_code == (200 if choose else 422), (link, sent)

    assert state() == before
    assert len(ledger.entries_of(customer.account.pk).rows) == entries
