"""What a page of the area asks the database: the same few messages however much there is."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nichandle.commerce.contacts.models import Item, Request, Side
from nichandle.commerce.services.models import Service
from nichandle.identity.signin.models import Session
from nichandle.identity.signin.sessions.opening import open_session
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import is_postgresql

pytestmark = pytest.mark.django_db
ROUND_TRIPS = {
    "/brand.css": 0,
    "/area/identifier": 1,
    "/area": 2,
    "/account": 2,
    "/account/security": 2,
    "/account/security/networks": 2,
    "/account/security/factors": 3,
    "/account/sessions": 2,
    "/account/sessions?after=1": 2,
    "/account/recovery-addresses": 2,
    "/account/pause": 2,
    "/account/mails": 2,
    "/account/ledger": 2,
    "/services": 2,
    "/services?after=1:a": 2,
    "/services?order=expiry": 5,
    "/services?text=e&product=domain&state=active&role=owner": 4,
    "/services/{service}": 2,
    "/contacts": 2,
    "/contacts?text=e": 6,
    "/contacts/requests?box=sent": 4,
    "/contacts/requests?box=received": 4,
}
"""With the one that looks the session up; where it grows is by a filter, never by what there is."""


def fill(customer, other, make_service, now, count: int) -> None:
    """Give somebody so many services, sessions, requests sent and received."""
    services = [make_service(f"name{number}.example", other) for number in range(count)]
    for service in services:
        open_session(account_id=customer.account.pk, stay=True, act=Act.by_itself(now))
        for asker, newcomer in ((customer, other), (other, customer)):
            request = Request.objects.create(
                state=Request.State.VALIDATING,
                asker=asker.account,
                from_account=asker.account,
                to_account=newcomer.account,
                named=newcomer.handle,
                asked_at=now,
                expires_at=now + timedelta(days=7),
            )
            authority = "owner" if asker is customer else "technical"
            Item.objects.create(
                request=request,
                service=service,
                role="billing",
                authority=authority,
                state="waiting",
            )
            for who in Side.Who.values:
                Side.objects.create(request=request, who=who, sent=1)


@pytest.fixture
def make_shared(make_service, contact):
    return lambda name, _other: make_service(name, technical=contact)


def asked(browser, address: str) -> int:
    browser.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(address).status_code == 200
    return len(seen.captured_queries)


def test_pages_ask_as_often_with_sixty_of_everything_as_with_one(
    customer, contact, make_shared, now
):
    fill(customer, contact, make_shared, now, 1)
    browser, service = customer.sign_in(), Service.objects.get().pk
    pages = {address: address.format(service=service) for address in ROUND_TRIPS}
    few = {name: asked(browser, address) for name, address in pages.items()}
    fill(customer, contact, lambda name, other: make_shared(f"more{name}", other), now, 60)
    many = {name: asked(browser, address) for name, address in pages.items()}

    assert many == few
    if is_postgresql():
        # On SQLite a round trip is a function call, and what goes together is counted apart.
        assert many == ROUND_TRIPS
    assert Session.objects.filter(account=customer.account).count() > 60


def test_what_a_page_says_of_sixty_is_right(customer, contact, make_shared, now):
    fill(customer, contact, make_shared, now, 60)
    browser = customer.sign_in()
    home = browser.get("/area").content.decode()
    assert "Services (60)" in home
    assert "60 requests wait for your answer" in home
    assert "<dd>61</dd>" in home
    listed = browser.get("/services").content.decode()
    assert listed.count('<a class="strong"') == 50
    people = browser.get("/contacts").content.decode()
    assert people.count('<a class="strong"') == 25
    assert people.count(f">{contact.handle[2:5]}<") >= 25
