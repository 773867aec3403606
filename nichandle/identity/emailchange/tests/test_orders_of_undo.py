"""A→B→C→D by code, by silence, mixed: every undo in every order; and tokens of other accounts."""

import re
from datetime import timedelta
from itertools import permutations, product

import pytest
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.emailchange.jobs import due
from nichandle.identity.emailchange.models import Change
from nichandle.identity.emailchange.tests.journey import (
    PROOF,
    REFUSE_IT,
    SPARE,
    UNDO,
    UNDO_IT,
    VETO,
    recovery,
)
from nichandle.identity.pauses.models import Pause
from nichandle.platform.jobs.registry import never

pytestmark = pytest.mark.django_db
RECOVERY_UNDO = re.compile(r"/recovery-address/undo/\S+")
HOWS = [
    ("silence", "silence", "silence"),
    ("code", "silence", "code"),
    ("silence", "code", "silence"),
]
ORDERS = [order for size in (1, 2, 3) for order in permutations(range(3), size)]


def changed(journey, address: str, how: str) -> str:
    """Change to an address by its code or by silence; return the undo in the old mailbox."""
    before = journey.email
    # The pause after silence is another test's: here the changes follow each other at once.
    Pause.objects.filter(lifted_at=None).update(lifted_at=timezone.now())
    browser = signed_in(journey)
    browser.post("/account/address", {"address": address})
    journey.prove(address)
    if how == "code":
        browser.post("/account/address/code", {"code": journey.code(before)})
    else:
        for hours in (20, 4.1):
            journey.clock.shift(timedelta(hours=hours))
            due(timezone.now, never)
            journey.deliver()
    assert journey.email == address
    return journey.link(UNDO, before)


def signed_in(journey):
    """Sign in as whoever reads the present primary address."""
    person = journey.customer
    now_at = type(person)(
        person.account, person.handle, journey.email, person.password, person.browser
    )
    return now_at.sign_in()


def pytest_generate_tests(metafunc):
    """In the suite each order with one of the ways, each way with a third of the orders."""
    if "order" not in metafunc.fixturenames:
        return
    cases = list(product(HOWS, ORDERS))
    if not metafunc.config.getoption("--long"):
        cases = [(HOWS[at % len(HOWS)], order) for at, order in enumerate(ORDERS)]
    ids = [f"{'-'.join(how)}-{order}" for how, order in cases]
    metafunc.parametrize(("how", "order"), cases, ids=ids)


@pytest.mark.long
def test_the_earliest_undo_wins_in_every_order(journey, how, order):
    recovery(journey.customer)
    places = [journey.customer.email, "b@new.example", "c@new.example", "d@new.example"]
    links = [changed(journey, address, way) for address, way in zip(places[1:], how, strict=True)]
    reached = len(links)
    for chosen in order:
        answer = journey.visitor.post(links[chosen], UNDO_IT)
        if chosen >= reached:
            assert answer.status_code == 410
            continue
        assert answer.status_code == 200
        if how[chosen] == "code":
            assert journey.email == places[reached]
            journey.visitor.post(f"{links[chosen]}/code", {"code": journey.code(SPARE)})
        reached = chosen
        assert journey.email == places[chosen]
    assert journey.email == places[min(order)]
    states = list(Change.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["done" if at < reached else "undone" for at in range(3)]


def test_what_one_account_was_mailed_does_nothing_to_another(journey, contact, visitor):
    """Codes and links of two people who change at the same time, each typed by the other."""
    other = contact.sign_in()
    journey.ask("mine@new.example")
    other.post("/account/address", {"address": "theirs@new.example"})
    journey.deliver()
    my_code, their_code = journey.code(journey.email), journey.code(contact.email)

    assert journey.browser.post("/account/address/code", {"code": their_code}).status_code == 422
    assert other.post("/account/address/code", {"code": my_code}).status_code == 422
    # A link acts on the account it was made for, whoever is signed in where it is opened.
    assert other.post(journey.link(PROOF, "mine@new.example")).status_code == 403
    journey.browser.post(journey.link(PROOF, "mine@new.example"))
    mine = Change.objects.get(account=journey.customer.account)
    theirs = Change.objects.get(account=contact.account)
    assert mine.proven_at
    assert not theirs.proven_at
    other.post(journey.link(VETO, journey.email), REFUSE_IT)
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.state, theirs.state) == ("refused", "todo")


def test_an_undo_opened_by_somebody_else_signed_in_undoes_its_own_change(journey, contact):
    journey.ask()
    journey.prove()
    journey.wait(hours=25)
    other = contact.sign_in()

    other.post(journey.link(UNDO, journey.customer.email), UNDO_IT)

    assert journey.email == journey.customer.email
    assert Account.objects.get(pk=contact.account.pk).email == contact.email
    assert other.get("/area").status_code == 200


def test_the_kinds_of_links_do_not_pass_for_each_other(journey):
    other = recovery(journey.customer, "o@example.net", timedelta(days=30))
    journey.browser.post(f"/account/recovery-addresses/{other.pk}/remove")
    removal = journey.found(RECOVERY_UNDO, journey.email).rpartition("/")[2]
    journey.ask()
    veto = journey.link(VETO, journey.email).rpartition("/")[2]
    for place in ("change/proof", "change/undo", "not-me", "password/new", "password/stop"):
        for secret in (veto, removal):
            assert journey.visitor.post(f"/{place}/{secret}").status_code == 410
    assert journey.visitor.post(f"/recovery-address/undo/{veto}").status_code == 410
    assert journey.visitor.post(f"/change/veto/{removal}").status_code == 410
    assert journey.state == "todo"
