"""What was mailed to an address opens nothing once the account has given the address up."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from nichandle.identity.accounts import recovery_addresses
from nichandle.identity.cases.operations import open_claim
from nichandle.identity.recovery.models import PasswordHold, PasswordReset
from nichandle.identity.recovery.operations import LinkNotValid, set_new_password
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.origin import Origin
from tests.support.people import PASSWORD, make_person
from tests.support.post import text_of
from tests.support.worker import work

pytestmark = pytest.mark.django_db
NEW = "carafe violette sur le quai"
OWN = "tramway lilas sous la neige"
SPARE = "spare@example.net"
RESET, OPEN = re.compile(r"/password/new/\S+"), re.compile(r"/signin/open/\S+")
CODE = re.compile(r"\b[B-Z]{4}-[B-Z]{4}\b")


def mailed(pattern, post, address) -> str:
    found = pattern.search(text_of(post.last_to(address)))
    assert found
    return found[0]


def act() -> Act:
    return Act(Origin("192.0.2.7", ""), timezone.now())


@pytest.fixture
def spare(customer):
    proven = timezone.now() - timedelta(days=8)
    return customer.account.recovery_addresses.create(
        address=SPARE, address_key=SPARE, added_at=proven, proven_at=proven
    )


def give_up(customer, spare) -> None:
    recovery_addresses.remove(account_id=customer.account.pk, which=spare.pk, act=act())


def reset_mailed_to_spare(customer, visitor, post) -> str:
    visitor.post("/password/lost", {"typed": customer.handle, "by_recovery": "on"})
    work()
    return mailed(RESET, post, SPARE)


def test_a_reset_link_to_a_removed_address_sets_no_password(customer, visitor, post, spare):
    reset = reset_mailed_to_spare(customer, visitor, post)
    give_up(customer, spare)

    answer = visitor.get(reset)
    assert answer.status_code == 410
    assert "has removed the address" in answer.content.decode()
    assert visitor.post(reset, {"password": NEW}).status_code == 410
    assert customer.sign_in() is not None, "the password is what it was"


def test_a_removal_in_the_same_moment_counts(customer, visitor, post, spare, monkeypatch):
    reset = reset_mailed_to_spare(customer, visitor, post)

    def removed_meanwhile(password, **_given):
        give_up(customer, spare)
        return "argon2$", "long"

    monkeypatch.setattr("nichandle.identity.recovery.operations.accepted", removed_meanwhile)
    with pytest.raises(LinkNotValid):
        set_new_password(secret=reset.rpartition("/")[2], password=NEW, act=act())
    assert PasswordReset.objects.get().used_at is None


def test_while_an_event_is_contested_an_address_of_before_still_sets_one(
    customer, visitor, post, spare
):
    reset = reset_mailed_to_spare(customer, visitor, post)
    # What a thief does first: the owner's other mailbox goes, and the owner says so.
    give_up(customer, spare)
    now = timezone.now()
    link = PasswordReset.objects.get()
    hold = PasswordHold(
        account=customer.account,
        address=SPARE,
        since=now - timedelta(minutes=1),
        disowned_at=now,
        case="D-TEST-TEST",
    )
    hold.save()
    assert visitor.get(reset).status_code == 410, "its case is decided"

    open_case(customer, hold)
    assert visitor.post(reset, {"password": NEW}).status_code == 302
    link.refresh_from_db()
    assert link.used_at is not None


def open_case(customer, hold) -> None:
    case = open_claim(
        customer.account,
        "not_me",
        address=SPARE,
        proven_at=timezone.now(),
        act=act(),
    )
    hold.case = case.number
    hold.save()


@pytest.mark.parametrize("to", ["primary", "spare"])
def test_a_change_of_password_ends_the_links_mailed_before(customer, visitor, post, spare, to):
    neighbour = PasswordReset.objects.create(
        account=make_person("other@example.org").account,
        digest="x",
        address="other@example.org",
        created_at=timezone.now(),
        expires_at=timezone.now() + timedelta(hours=1),
    )
    given = {"typed": customer.handle} | ({"by_recovery": "on"} if to == "spare" else {})
    visitor.post("/password/lost", given)
    work()
    reset = mailed(RESET, post, SPARE if to == "spare" else customer.email)

    changed = customer.sign_in().post("/account/password", {"current": PASSWORD, "password": OWN})
    assert changed.status_code == 302, changed.content.decode()

    answer = visitor.get(reset)
    assert answer.status_code == 410
    assert "a password was set meanwhile" in answer.content.decode()
    assert visitor.post(reset, {"password": NEW}).status_code == 410
    neighbour.refresh_from_db()
    assert neighbour.ended_at is None


def test_an_opening_link_to_a_removed_address_opens_no_browser(customer, visitor, post, spare):
    visitor.post("/signin/open", {"typed": customer.handle, "by_recovery": "on"})
    work()
    opening = mailed(OPEN, post, SPARE)
    assert visitor.get(opening).status_code == 200
    give_up(customer, spare)

    assert visitor.get(opening).status_code == 410
    assert visitor.post(opening).status_code == 410


def test_a_code_mailed_to_a_removed_address_lets_nobody_in(customer, post, spare):
    browser = Client(REMOTE_ADDR="198.51.100.9")
    customer.sign_in()
    browser.post("/signin", {"identifier": customer.handle, "password": PASSWORD})
    page = browser.get("/signin/code")
    assert page.status_code == 200, page.headers
    browser.post("/signin/code/again", {"to": spare.pk})
    code = mailed(CODE, post, SPARE)
    give_up(customer, spare)

    browser.post("/signin/code", {"code": code})
    assert browser.get("/area").status_code == 302
