"""Pauses: what waits, why, until when, and who may end them early."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from nichandle.identity.pauses import operations, queries
from nichandle.identity.pauses.acts import CAUSES, SENSITIVE
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel.act import Act
from nichandle.platform.limits.errors import Exhausted

pytestmark = pytest.mark.django_db


def begin(customer, act, cause="change_undone", **more):
    operations.begin(account_id=customer.account.pk, cause=cause, act=act, **more)


def recovery(customer, address, *, proven_at):
    return customer.account.recovery_addresses.create(
        address=address, address_key=address, added_at=proven_at, proven_at=proven_at
    )


@pytest.mark.parametrize("act", SENSITIVE)
@pytest.mark.parametrize("cause", CAUSES)
def test_every_sensitive_act_waits_for_the_end(customer, origin, now, act, cause):
    begin(customer, Act(origin, now), cause)
    last = now + CAUSES[cause].lasts - timedelta(seconds=1)

    if act in CAUSES[cause].exempt:
        operations.require(customer.account.pk, act, now=last)
    else:
        with pytest.raises(operations.Paused) as refused:
            operations.require(customer.account.pk, act, now=last)
        assert str(CAUSES[cause].sentence) in str(refused.value)
    operations.require(customer.account.pk, act, now=now + CAUSES[cause].lasts)


def test_a_pause_is_the_accounts_own(customer, contact, origin, now):
    begin(customer, Act(origin, now))

    operations.require(contact.account.pk, "email.change", now=now)


def test_an_act_nobody_listed_is_a_bug(customer, now):
    with pytest.raises(KeyError):
        operations.require(customer.account.pk, "tea.make", now=now)


def test_an_address_established_before_the_cause_ends_the_pause(customer, post):
    start = timezone.now()
    old = recovery(customer, "old@example.net", proven_at=start - timedelta(days=30))
    with time_machine.travel(start + timedelta(minutes=1), tick=False):
        begin(customer, Act.by_itself(timezone.now()))
        browser = customer.sign_in()
        page = browser.get("/account/pause").content.decode()
        assert "A change of the primary address was contested." in page
        browser.post("/account/pause/code", {"address": old.address})
        code = post.code_to(old.address)

        assert browser.post("/account/pause", {"code": code.lower()}).status_code == 302

        assert queries.running(customer.account.pk, now=timezone.now()) is None
        assert "No pause is running" in browser.get("/account/pause").content.decode()
    acts = [entry.act for entry in ledger.entries_of(customer.account.pk).rows]
    assert acts[:1] == ["pause.lifted"]


@pytest.mark.parametrize("age", [timedelta(hours=1), timedelta(days=6, hours=23)])
def test_an_address_younger_than_seven_days_at_the_cause_ends_nothing(customer, origin, post, age):
    start = timezone.now()
    young = recovery(customer, "young@example.net", proven_at=start - age)
    begin(customer, Act(origin, start))
    # Even once it is old enough by the clock: it was not when it happened.
    later = start + timedelta(hours=71)

    with pytest.raises(operations.AddressTooYoung):
        operations.ask_to_shorten(
            account_id=customer.account.pk, address=young.address, act=Act(origin, later)
        )
    with pytest.raises(operations.AddressTooYoung):
        operations.ask_to_shorten(
            account_id=customer.account.pk, address="thief@example.net", act=Act(origin, later)
        )


def test_a_primary_address_that_the_cause_brought_ends_nothing(customer, origin):
    start = timezone.now()
    customer.account.email_proven_at = start
    customer.account.save()
    begin(customer, Act(origin, start), "change_by_silence", caused_at=start - timedelta(days=1))

    with pytest.raises(operations.AddressTooYoung):
        operations.ask_to_shorten(
            account_id=customer.account.pk, address=customer.email, act=Act(origin, start)
        )


def test_wrong_codes_are_counted_and_end(customer, origin):
    now = timezone.now() + timedelta(minutes=1)
    begin(customer, Act(origin, now))
    operations.ask_to_shorten(
        account_id=customer.account.pk, address=customer.email, act=Act(origin, now)
    )

    for _ in range(10):
        with pytest.raises(operations.PauseCodeWrong):
            operations.shorten(
                account_id=customer.account.pk, code="BBBB-BBBB", act=Act(origin, now)
            )
    with pytest.raises(Exhausted):
        operations.shorten(account_id=customer.account.pk, code="BBBB-BBBB", act=Act(origin, now))
    assert queries.running(customer.account.pk, now=now)


def test_a_code_lasts_half_an_hour(customer, origin, post):
    now = timezone.now() + timedelta(minutes=1)
    begin(customer, Act(origin, now))
    operations.ask_to_shorten(
        account_id=customer.account.pk, address=customer.email, act=Act(origin, now)
    )
    code, end = post.code_to(customer.email), now + timedelta(minutes=30)
    given = {"account_id": customer.account.pk, "code": code}

    with pytest.raises(operations.PauseCodeExpired):
        operations.shorten(**given, act=Act(origin, end))
    assert queries.running(customer.account.pk, now=end)

    operations.shorten(**given, act=Act(origin, end - timedelta(seconds=1)))
    assert not queries.running(customer.account.pk, now=end)


def test_without_a_pause_there_is_nothing_to_end(customer, origin, now):
    with pytest.raises(operations.NoPause):
        operations.shorten(account_id=customer.account.pk, code="BBBB-BBBB", act=Act(origin, now))
