"""Passkeys move between password managers and are told; a key that exists once may not."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from nichandle.identity.factors.models import SecurityKey
from nichandle.identity.factors.tests.authenticator import Authenticator
from nichandle.identity.factors.tests.keys import (
    a_browser,
    asked,
    enrol,
    enter,
    give,
    half_way,
    signed_in,
)
from nichandle.platform.audit.models import Entry
from nichandle.platform.outbox.models import Mail
from tests.support.people import Person
from tests.support.post import Post, text_of

pytestmark = pytest.mark.django_db
FACTORS = "/account/security/factors"


def enrolled(person: Person, key: Authenticator) -> SecurityKey:
    with time_machine.travel(timezone.now() - timedelta(days=30), tick=False):
        enrol(person, key)
        person.browser.post("/signout")
    return SecurityKey.objects.latest("pk")


def by_passkey(_person: Person, key: Authenticator) -> Client:
    browser = a_browser()
    enter(browser, key)
    return browser


def by_second_step(person: Person, key: Authenticator) -> Client:
    browser = a_browser()
    options, state = half_way(person, browser)
    give(browser, key.prove(options), state)
    return browser


def mails(post: Post, person: Person) -> list[str]:
    post.deliver()
    return [text_of(message) for address, message in post.messages if address == person.email]


WAYS = pytest.mark.parametrize("way", [by_passkey, by_second_step])


@WAYS
@pytest.mark.parametrize("step", [0, 1], ids=["the new one does not count", "counts from nought"])
def test_a_passkey_taken_to_another_manager_signs_in_and_is_told_once(customer, post, way, step):
    key = Authenticator(movable=True, count=5)
    row = enrolled(customer, key)
    assert (row.backup_eligible, row.backed_up) == (True, True)
    key.count, key.step = 0, step

    browser = way(customer, key)

    assert signed_in(browser)
    row.refresh_from_db()
    assert (row.copied_at, row.sign_count) == (None, step)
    assert row.moved_at is not None
    assert Entry.objects.filter(act="factors.moved").count() == 1
    assert any("was accepted. It seems to have come" in told for told in mails(post, customer))
    assert "Used from several places" in browser.get(FACTORS).content.decode()
    # Back in the first manager, which has counted on; and in the new one again.
    for count in (6, 0):
        key.count = count
        assert signed_in(way(customer, key))
    assert Mail.objects.filter(template="signin/mail/key_moved").count() == 1


@WAYS
@pytest.mark.parametrize("count", [0, 4])
def test_a_key_that_exists_once_is_refused_for_good_and_its_owner_told(customer, post, way, count):
    key = Authenticator(count=5)
    row = enrolled(customer, key)
    assert row.backup_eligible is False
    key.count, key.step = count, 0

    assert not signed_in(way(customer, key))

    assert any("was refused, because there seems" in told for told in mails(post, customer))
    assert Entry.objects.filter(act="factors.cloned").exists()
    key.count, key.step = 50, 1
    assert not signed_in(by_passkey(customer, key))


def test_a_key_does_not_become_movable_by_saying_so_later(customer):
    key = Authenticator(count=5)
    enrolled(customer, key)
    key.count, key.movable = 0, True

    assert not signed_in(by_passkey(customer, key))


def test_a_passkey_that_says_it_is_one_no_more_may_not_count_back(customer):
    key = Authenticator(movable=True, count=5)
    enrolled(customer, key)
    key.count, key.movable = 0, False

    assert not signed_in(by_passkey(customer, key))


@pytest.mark.parametrize("movable", [True, False])
def test_of_a_key_set_up_before_this_was_noted_its_answer_says_what_it_is(customer, movable):
    key = Authenticator(movable=movable, count=5)
    row = enrolled(customer, key)
    SecurityKey.objects.update(backup_eligible=None, backed_up=None)
    key.count = 0

    assert signed_in(by_passkey(customer, key)) is movable

    row.refresh_from_db()
    assert row.backup_eligible is (True if movable else None)


def test_what_moves_is_the_accounts_own_key(customer, contact):
    """A neighbour's key of the same kind keeps its count."""
    mine, theirs = (Authenticator(movable=True, count=5) for _ in range(2))
    enrolled(customer, mine)
    other = enrolled(contact, theirs)
    mine.count = 0

    by_passkey(customer, mine)

    other.refresh_from_db()
    assert (other.sign_count, other.moved_at) == (5, None)
    assert not Mail.objects.filter(account_id=contact.account.pk, template="signin/mail/key_moved")


def test_signing_in_again_and_proving_for_new_codes_tell_of_it_too(customer):
    key = Authenticator(movable=True, count=5)
    enrolled(customer, key)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        browser = by_passkey(customer, key)
        clock.shift(timedelta(minutes=11))
        for page, fields in (
            (f"{FACTORS}/codes", {"sign-in-again": "passkey", "held": ""}),
            (f"{FACTORS}/codes", {"method": "key"}),
        ):
            key.count = 0
            SecurityKey.objects.update(sign_count=9, moved_at=None)
            options, state = asked(browser.get(page))
            browser.post(page, {**fields, "state": state, "response": key.prove(options)})

    assert Entry.objects.filter(act="factors.moved").count() == 2
