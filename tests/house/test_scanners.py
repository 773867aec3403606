"""
Programs that check mail open every link, press the buttons and fill in forms: nothing comes of it.

Every link that a mail can hold is judged here: a new one has to be given a world in ``WORLDS`` in
which it works, or the first test fails.
"""

import re
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from nichandle.commerce.contacts.tests.helpers import accept, ask, both, token
from nichandle.commerce.contacts.tests.helpers import work as hand_over
from nichandle.commerce.invoices.models import InvoiceCopy
from nichandle.commerce.invoices.sharing import copies
from nichandle.commerce.invoices.tests.helpers import draft_for, issue_all
from nichandle.commerce.orders.tests.goods import order
from nichandle.commerce.orders.tests.living import pay
from nichandle.identity.accounts.models import Account
from nichandle.identity.emailchange.tests.journey import NEW, Journey, changed_by_code
from nichandle.identity.signin.credentials.password import change_password
from nichandle.platform.kernel.act import Act
from nichandle.sites.desk.tests.people import colleague
from tests.house.test_mails import CASES, rendered
from tests.support.cases import World
from tests.support.people import PASSWORD, make_person
from tests.support.post import text_of, waiting_code
from tests.support.worker import work

pytestmark = pytest.mark.django_db
LINK = re.compile(r"https?://[^/\s]+(/\S*)")
FORM = re.compile(r'(<form[^>]*method="post"[^>]*>)(.*?)</form>', re.DOTALL)
FIELD = re.compile(r"<(?:input|button|select|textarea)\b[^>]*>")
SPARE, OTHER = "spare@example.net", "other@example.net"
SOMEBODY = "somebody@example.net"


def path_of(link):
    return link.partition("?")[0]


def name_of(link):
    return resolve(path_of(link)).view_name


def links_of(text):
    return set(LINK.findall(text))


SAMPLED = {
    link for case in CASES for link in links_of(rendered(case.values[0], "en", case.values[1]).text)
}
"""Every link that a mail of the samples holds; those with a secret open nothing."""


def with_secret(link):
    return "secret" in resolve(path_of(link)).kwargs


@pytest.fixture
def recovering(customer, visitor, post):
    """What a lost password, a contest, a lost mailbox and a closed password bring."""
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
    visitor.post("/signin/open", {"typed": customer.handle})
    World(customer, None, []).open("address_lost")


@pytest.fixture
def handing_over(customer, contact, make_service):
    """Somebody with an account and somebody without are asked; a third has lost a role."""
    owner = make_person("olga@example.org")
    (request,) = ask(owner, make_service(owner=owner), administrator=contact.handle)
    both(owner, contact, request)
    ask(owner, make_service(owner=owner), administrator=contact.handle)
    (invited,) = ask(customer, make_service(), technical=SOMEBODY)
    accept(customer, invited, token(customer.email, "confirm"))
    hand_over()


@pytest.fixture
def changing(customer, post):
    """A change of address that has just taken effect, and the next one asked for."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        journey = Journey(customer, post, clock)
        changed_by_code(journey, NEW)
        journey.ask("diane@newer.example")
        yield


@pytest.fixture
def ordering(customer, visitor):
    """Somebody who knows number and address of an order has withdrawn from it."""
    placed = order(customer, act=Act.by_itself(timezone.now()))
    pay(placed)
    given = {"number": placed.number, "address": customer.email, "name": "Diane", "words": ""}
    visitor.post("/withdraw/confirm", given)


@pytest.fixture
def copying(customer, quick_files):
    """One address gets copies of invoices, another is asked whether it wants them."""
    act = Act.by_itself(timezone.now())
    for address in (SPARE, OTHER):
        copies.ask(customer.account.pk, address, act=act)
    InvoiceCopy.objects.filter(address=SPARE).update(agreed_at=act.now)
    draft_for(customer, 1000)
    issue_all()


@pytest.fixture
def inviting(customer):
    """A desk administrator has invited a colleague, who has not come yet."""
    ines = colleague("Ines", "administrator")
    given = {"name": "Nora", "email": "nora@provider.example", "role": "billing"}
    ines.browser.post("/desk/people/invite", given)


WORLDS = {
    "recovering": {
        "recovery:not_me",
        "recovery:stop_reset",
        "recovery:undo_address",
        "recovery:notice",
        "recovery:new_password",
        "recovery:case",
        "signin:opening",
    },
    "handing_over": {"contacts:answer", "contacts:dispute"},
    "ordering": {"orders:contest"},
    "copying": {"invoices:agree_copy", "invoices:shared", "invoices:stop_copy"},
    "inviting": {"review:setup"},
    "changing": {"emailchange:proof", "emailchange:veto", "emailchange:undo"},
}
"""Where each link with a secret works."""


def state():
    """Return every row there is, but for those that note who came by."""
    there = set(connection.introspection.table_names())
    return {
        model._meta.label: list(model.objects.order_by("pk").values())
        for model in apps.get_models()
        # Tests that run in the same process may have models of their own, without a table.
        if model._meta.db_table in there
    }


def attribute(tag, name):
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return found[1] if found else ""


def fillings(page, *, choose):
    """Return where and what each button sends, the first of each choice taken if one chooses."""
    for opening, form in FORM.findall(page):
        fields, buttons = {}, []
        for tag in FIELD.findall(form):
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


def scan(link, *, choose):
    """Open a link and press what is on its page, where it leads to."""
    scanner = Client(HTTP_HOST="localhost")
    page = scanner.get(link, follow=True)
    assert page.status_code == 200, link
    here = page.redirect_chain[-1][0] if page.redirect_chain else link
    sent = list(fillings(page.content.decode(), choose=choose))
    for action, fields in sent:
        scanner.post(action or here, fields)
    return len(sent)


def test_every_link_with_a_secret_is_scanned_where_it_works():
    named = {name_of(link) for link in SAMPLED if with_secret(link)}

    assert len(named) > 10
    assert named == {name for names in WORLDS.values() for name in names}


@pytest.mark.parametrize("choose", [False, True], ids=["presses", "fills in"])
@pytest.mark.parametrize("world", WORLDS)
def test_what_presses_every_button_of_every_link_changes_nothing(world, choose, request, post):
    request.getfixturevalue(world)
    work()
    post.deliver()
    links = {link for _to, mail in post.messages for link in links_of(text_of(mail))}
    links = {link for link in links if with_secret(link)}
    # A later mail may have made an earlier link void.
    live = [
        link for link in sorted(links) if Client(HTTP_HOST="localhost").get(link).status_code != 410
    ]
    assert {name_of(link) for link in live} >= WORLDS[world]

    for link in live:
        before = state()
        scan(link, choose=choose)
        assert state() == before, link


@pytest.mark.parametrize("choose", [False, True], ids=["presses", "fills in"])
def test_nor_does_a_link_without_a_secret(choose, customer):
    before = state()
    for link in sorted(link for link in SAMPLED if not with_secret(link)):
        scan(link, choose=choose)
        assert state() == before, link
