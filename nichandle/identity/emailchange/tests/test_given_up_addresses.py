"""The attack of the mailbox left behind: what was mailed to it before opens nothing any more."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.emailchange import operations
from nichandle.identity.emailchange.models import ChangeLink
from nichandle.identity.emailchange.tests.journey import (
    NEW,
    REFUSE_IT,
    SPARE,
    UNDO,
    UNDO_IT,
    VETO,
    recovery,
)
from nichandle.identity.recovery.models import PasswordReset
from nichandle.identity.signin.authentication import openings
from nichandle.identity.signin.models import Opening
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail
from tests.support.cases import NEW as PROVEN_IN_CASE
from tests.support.cases import ORIGIN
from tests.support.people import PASSWORD
from tests.support.post import text_of, waiting_code
from tests.support.worker import work

pytestmark = pytest.mark.django_db
CHOSEN = "carafe violette sur le quai"
NOT_ME = re.compile(r"/not-me/[^\"\s]+")
RESET = re.compile(r"/password/new/\S+")
STOP = re.compile(r"/password/stop/\S+")
RECOVERY_UNDO = re.compile(r"/recovery-address/undo/\S+")
OPENING = re.compile(r"/signin/open/\S+")


def browser(agent: str = "") -> Client:
    return Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en", HTTP_USER_AGENT=agent)


def change_by_code(journey, address: str) -> None:
    before = journey.email
    journey.browser.post("/account/address", {"address": address})
    journey.prove(address)
    journey.browser.post("/account/address/code", {"code": journey.code(before)})
    assert journey.email == address


def change_by_silence(journey, address: str = NEW) -> None:
    journey.ask(address)
    journey.prove(address)
    journey.wait(hours=25)
    assert journey.email == address


def signed_in(journey, address: str, *, password: str = PASSWORD, agent: str = "") -> Client:
    client = browser(agent)
    answer = client.post("/signin", {"identifier": journey.customer.handle, "password": password})
    place = answer.headers.get("Location", "")
    if place.startswith("/signin/code"):
        client.post(place, {"code": waiting_code("signin/mail/code", address)})
    return client


def lose_password(client: Client, **typed: str) -> None:
    client.post("/password/lost", typed)
    work()


def test_an_old_veto_link_gives_the_mailbox_left_behind_nothing(journey):
    """A→B by code; ten days later the owner asks for C, and A's first mail is opened again."""
    journey.ask()
    veto = journey.link(VETO, journey.customer.email)
    journey.prove()
    journey.browser.post("/account/address/code", {"code": journey.code(journey.customer.email)})
    journey.clock.shift(timedelta(days=10))
    signed_in(journey, NEW).post("/account/address", {"address": "c@new.example"})
    assert journey.state == "todo"

    for answer in (journey.visitor.get(veto), journey.visitor.post(veto, REFUSE_IT)):
        assert answer.status_code == 410
        assert not NOT_ME.search(answer.content.decode())
    assert journey.state == "todo"


def test_a_veto_link_is_judged_by_its_address_even_where_it_was_not_voided(journey):
    journey.ask()
    veto = journey.link(VETO, journey.customer.email)
    journey.prove()
    journey.browser.post("/account/address/code", {"code": journey.code(journey.customer.email)})
    assert not ChangeLink.objects.filter(kind="veto", used_at=None).exists()
    ChangeLink.objects.update(used_at=None)
    journey.ask("c@new.example")

    assert journey.visitor.post(veto, REFUSE_IT).status_code == 410
    assert journey.state == "todo"


def test_the_veto_link_of_a_recovery_address_ends_seven_days_after_its_removal(journey):
    spare = recovery(journey.customer)
    journey.ask()
    veto = journey.link(VETO, SPARE)
    journey.browser.post("/account/address/withdraw")
    spare.removed_at = timezone.now()
    spare.save()
    journey.clock.shift(timedelta(days=9))
    signed_in(journey, journey.customer.email).post(
        "/account/address", {"address": "z@new.example"}
    )

    answer = journey.visitor.post(veto, REFUSE_IT)

    assert answer.status_code == 410
    assert not NOT_ME.search(answer.content.decode())
    assert journey.state == "todo"


def test_after_an_approved_case_no_link_of_a_request_before_works(world, customer, post):
    customer.sign_in().post("/account/address", {"address": "thief@new.example"})
    post.deliver()
    mine = [text_of(message) for to, message in post.messages if to == customer.email]
    veto = [found[0] for text in mine if (found := VETO.search(text))][-1]
    world.approved()
    world.later(hours=72)
    assert Account.objects.get(pk=customer.account.pk).email == PROVEN_IN_CASE
    assert not ChangeLink.objects.filter(used_at=None).exists()
    world.clock.shift(timedelta(days=8))
    operations.request_change(
        account_id=customer.account.pk, address="next@new.example", act=Act(ORIGIN, world.now)
    )

    assert browser().post(veto, REFUSE_IT).status_code == 410


def test_the_undo_of_a_recovery_address_dies_with_the_mailbox_it_went_to(journey):
    recovery(journey.customer)
    other = recovery(journey.customer, "o@example.net")
    journey.browser.post(f"/account/recovery-addresses/{other.pk}/remove")
    link = journey.found(RECOVERY_UNDO, journey.customer.email)
    elsewhere = journey.found(RECOVERY_UNDO, SPARE)
    change_by_code(journey, NEW)
    journey.clock.shift(timedelta(days=1))

    answer = journey.visitor.post(link)

    assert answer.status_code == 410
    assert not NOT_ME.search(answer.content.decode())
    # What an address of the account was sent works on.
    assert journey.visitor.post(elsewhere, {"meaning": "undo"}).status_code == 200


def test_the_undo_of_a_recovery_address_is_judged_by_its_address_as_well(journey):
    other = recovery(journey.customer, "o@example.net")
    journey.browser.post(f"/account/recovery-addresses/{other.pk}/remove")
    link = journey.found(RECOVERY_UNDO, journey.customer.email)
    Account.objects.filter(pk=journey.customer.account.pk).update(email=NEW, email_key=NEW)

    assert journey.visitor.get(link).status_code == 410
    assert journey.visitor.post(link).status_code == 410


def test_a_thiefs_reset_link_dies_with_the_undo(journey):
    change_by_silence(journey)
    thief = browser()
    lose_password(thief, typed=NEW)
    reset = journey.found(RESET, NEW)

    journey.visitor.post(journey.link(UNDO, journey.customer.email), UNDO_IT)

    assert journey.email == journey.customer.email
    assert thief.post(reset, {"password": CHOSEN}).status_code == 410
    assert not PasswordReset.objects.filter(ended_at=None).exists()


def test_the_old_mailboxs_reset_link_dies_with_the_change(journey):
    lose_password(journey.visitor, typed=journey.customer.email)
    reset = journey.found(RESET, journey.customer.email)
    change_by_code(journey, NEW)

    assert journey.visitor.post(reset, {"password": CHOSEN}).status_code == 410


def test_the_old_mailboxs_stop_link_dies_with_the_change(journey):
    recovery(journey.customer)
    lose_password(journey.visitor, typed=journey.customer.handle, by_recovery="on")
    stop = journey.found(STOP, journey.customer.email)
    change_by_code(journey, NEW)
    lose_password(journey.visitor, typed=journey.customer.handle, by_recovery="on")
    reset = journey.found(RESET, SPARE)

    assert journey.visitor.post(stop).status_code == 410
    assert journey.visitor.post(reset, {"password": CHOSEN}).status_code == 302


def test_what_a_thiefs_address_stopped_is_stopped_no_longer(journey):
    recovery(journey.customer)
    change_by_silence(journey)
    lose_password(journey.visitor, typed=journey.customer.handle, by_recovery="on")
    journey.visitor.post(journey.found(STOP, NEW), {"meaning": "stop"})
    journey.visitor.post(journey.link(UNDO, journey.customer.email), UNDO_IT)

    lose_password(journey.visitor, typed=journey.customer.handle, by_recovery="on")

    reset = journey.found(RESET, SPARE)
    assert journey.visitor.post(reset, {"password": CHOSEN}).status_code == 302


def test_a_thiefs_not_me_does_not_outlive_the_undo(journey):
    """It held the next password for the thief's address, and counted as today's one effect."""
    change_by_silence(journey)
    thief = signed_in(journey, NEW, agent="Elsewhere")
    assert thief.post(journey.found(NOT_ME, NEW), {"meaning": "not_me"}).status_code == 302

    answer = journey.visitor.post(journey.link(UNDO, journey.customer.email), UNDO_IT)
    assert journey.email == journey.customer.email
    safe = NOT_ME.search(answer.content.decode())
    assert safe
    answer = journey.visitor.post(safe[0], {"meaning": "not_me"})

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/password/new/")
    Mail.objects.filter(state="queued").delete()
    lose_password(journey.visitor, typed=journey.customer.handle)
    links = Mail.objects.filter(template="recovery/mail/reset_link")
    assert links.latest("pk").recipient == journey.customer.email


def test_a_thiefs_not_me_link_does_not_outlive_the_undo(journey):
    change_by_silence(journey)
    signed_in(journey, NEW, agent="Elsewhere")
    link = journey.found(NOT_ME, NEW)

    journey.visitor.post(journey.link(UNDO, journey.customer.email), UNDO_IT)

    assert journey.visitor.get(link).status_code == 410
    assert journey.visitor.post(link).status_code == 410


@pytest.mark.parametrize("undone", [False, True])
def test_a_link_that_opens_a_browser_does_not_outlive_its_address(journey, undone):
    if undone:
        change_by_silence(journey)
    openings.ask(typed=journey.customer.handle, by_recovery=False, act=Act(ORIGIN, timezone.now()))
    work()
    assert Opening.objects.filter(used_at=None).exists()

    if undone:
        journey.visitor.post(journey.link(UNDO, journey.customer.email), UNDO_IT)
    else:
        change_by_code(journey, NEW)

    assert not Opening.objects.filter(used_at=None).exists()


def test_a_link_that_opens_a_browser_does_not_outlive_a_case(world, customer):
    world.approved()
    world.clock.shift(timedelta(hours=71, minutes=30))
    openings.ask(typed=customer.handle, by_recovery=False, act=Act(ORIGIN, world.now))
    work()
    assert Opening.objects.filter(used_at=None).exists()

    world.later(minutes=30)

    assert not Opening.objects.filter(used_at=None).exists()


def test_an_undo_link_of_a_recovery_address_removed_long_ago_restores_nothing(journey):
    spare = recovery(journey.customer)
    spare.removed_at = timezone.now() - timedelta(days=5)
    spare.save()
    change_by_silence(journey)
    link = journey.link(UNDO, SPARE)
    journey.clock.shift(timedelta(days=3))

    assert journey.visitor.post(link).status_code == 410
    assert journey.email == NEW
