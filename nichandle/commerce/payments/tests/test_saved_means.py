"""Saved means of payment: saved, chosen, removed, and paid with; with the test provider."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone

from nichandle.commerce.payments import paying
from nichandle.commerce.payments.errors import (
    BeingConfirmed,
    MeansNotFound,
    NoSavedMeans,
    NothingToPay,
)
from nichandle.commerce.payments.models import PaymentTry, SavedMeans, Saving
from nichandle.commerce.payments.providers import trial_vault
from nichandle.commerce.payments.saved import charging, keeping
from nichandle.commerce.payments.tests.helpers import again, moved, now_act, owe, told, work
from nichandle.identity.pauses import operations as pauses
from nichandle.platform.audit import queries as ledger
from nichandle.platform.outbox.models import Mail
from tests.support.races import at_once

pytestmark = pytest.mark.django_db
PLACE = "/account/payment"


def save(person, card="pays"):
    """Save a card through the pages, as its owner does."""
    person.sign_in()
    place = person.browser.post(f"{PLACE}/add", {"provider": "test"}).headers["Location"]
    return person.browser.post(place, {"card": card}, follow=True)


def saved(person, card="pays"):
    """Let a card be saved already."""
    keeping.begin(person.account.pk, person.handle, provider="test", act=now_act())
    saving = Saving.objects.latest("pk")
    last_day = trial_vault.last_day_after(timezone.localdate(), trial_vault.CARDS[card].months)
    saving.note = {"card": card, "last_day": last_day.isoformat()}
    saving.save()
    keeping.look(saving, act=now_act())
    return SavedMeans.objects.latest("pk")


def pay_with(person, owed, means):
    person.sign_in()
    return person.browser.post(
        f"/pay/{owed.number}", {"means": f"saved-{means.pk}"}, follow=True
    ).content.decode()


def charge(owed, key="renewal-1"):
    return charging.charge(owed.cause, key=key, act=now_act())


def acts(person):
    return [entry.act for entry in ledger.entries_of(person.account.pk).rows]


def mails():
    return list(
        Mail.objects.filter(template__startswith="payments/mail/")
        .order_by("pk")
        .values_list("template", "recipient")
    )


def test_a_card_is_saved_and_shown_and_told(customer):
    page = save(customer).content.decode()
    assert "Your means of payment is saved." in page
    assert "Visa •••• 4242" in page
    assert "Usual" in page
    means = SavedMeans.objects.get()
    assert means.expires in page
    assert "payment_means.added" in acts(customer)
    assert mails() == [("payments/mail/means_added", customer.email)]


def test_nothing_is_saved_when_one_goes_back(customer):
    assert "Nothing was saved." in save(customer, "nothing").content.decode()
    assert not SavedMeans.objects.exists()
    assert not mails()


def test_told_again_it_is_saved_once(customer):
    save(customer)
    saving = Saving.objects.get()
    for _time in range(2):
        keeping.look_at("test", saving.number, act=now_act())
    assert SavedMeans.objects.count() == 1
    assert len(mails()) == 1


def test_another_one_becomes_the_usual_one_and_stays_when_the_first_goes(customer):
    first, second = saved(customer), saved(customer, "asks")
    assert (first.preferred, second.preferred) == (True, False)
    customer.sign_in()
    customer.browser.post(f"{PLACE}/{second.pk}/usual")
    assert [each.pk for each in keeping.of(customer.account.pk)] == [second.pk, first.pk]
    customer.browser.post(f"{PLACE}/{second.pk}/remove")
    (left,) = keeping.of(customer.account.pk)
    assert (left.pk, left.preferred) == (first.pk, True)
    assert [template for template, _to in mails()][2:] == [
        "payments/mail/means_preferred",
        "payments/mail/means_removed",
    ]
    page = customer.browser.get(PLACE).content.decode()
    assert second.last4 not in page


def test_a_strangers_means_is_neither_changed_nor_charged(customer, stranger):
    theirs = saved(stranger)
    owed = owe(customer)
    for work_on in (keeping.prefer, keeping.remove):
        with pytest.raises(MeansNotFound):
            work_on(customer.account.pk, theirs.pk, act=now_act())
    page = pay_with(customer, owed, theirs)
    assert again(owed).state == "open"
    assert "not one of the available choices" in page
    assert not PaymentTry.objects.exists()


@pytest.mark.parametrize("path", ["add", "1/usual", "1/remove"])
def test_each_change_asks_for_a_fresh_sign_in(customer, time_machine, path):
    customer.sign_in()
    time_machine.move_to(timezone.now() + timedelta(minutes=11))
    page = customer.browser.post(f"{PLACE}/{path}", {"provider": "test"})
    assert page.status_code == 200
    assert 'name="sign-in-again"' in page.content.decode()
    assert not Saving.objects.exists()


def test_while_a_pause_runs_nothing_changes(customer, origin):
    means = saved(customer)
    begin_pause(customer)
    customer.sign_in()
    for path in ("add", f"{means.pk}/usual", f"{means.pk}/remove"):
        customer.browser.post(f"{PLACE}/{path}", {"provider": "test"})
    assert SavedMeans.objects.get().removed_at is None
    assert Saving.objects.count() == 1


def test_what_is_typed_after_a_pause_began_is_not_kept(customer):
    keeping.begin(customer.account.pk, customer.handle, provider="test", act=now_act())
    begin_pause(customer)
    saving = Saving.objects.get()
    saving.note = {"card": "pays", "last_day": "2030-01-31"}
    saving.save()
    keeping.look(saving, act=now_act())
    saving.refresh_from_db()
    assert saving.state == "refused"
    assert not SavedMeans.objects.exists()


@transaction.atomic
def begin_pause(person):
    pauses.begin(account_id=person.account.pk, cause="not_me", act=now_act())


def test_an_order_is_paid_at_once_with_a_saved_card(customer):
    owed, means = owe(customer), saved(customer)
    with told() as heard:
        page = pay_with(customer, owed, means)
    assert "Thank you" in page
    assert moved(owed) == [("payment", 12000)]
    assert heard == [("settled", owed.cause)]


def test_a_declined_card_keeps_what_is_owed_and_says_what_to_do(customer):
    owed, means = owe(customer), saved(customer, "declines")
    page = pay_with(customer, owed, means)
    assert "Your last try was declined: nothing was paid." in page
    assert again(owed).state == "open"
    assert "Thank you" in pay_with(customer, owed, saved(customer))


def test_a_card_that_asks_is_confirmed_on_the_provider_s_page(customer):
    owed, means = owe(customer), saved(customer, "asks")
    page = pay_with(customer, owed, means)
    assert "Test payment" in page
    assert again(owed).state == "open"
    address = PaymentTry.objects.get().address
    customer.browser.post(address, {"choice": "pay"}, follow=True)
    assert moved(owed) == [("payment", 12000)]


def test_an_expired_card_is_not_offered_and_not_charged(customer, time_machine):
    owed, means = owe(customer), saved(customer, "ends")
    assert charging.charge(owe(customer).cause, key="before", act=now_act()).state == "paid"
    time_machine.move_to(timezone.now() + timedelta(days=40))
    customer.sign_in()
    assert "Expired" in customer.browser.get(PLACE).content.decode()
    assert "saved-" not in customer.browser.get(f"/pay/{owed.number}").content.decode()
    with pytest.raises(NoSavedMeans):
        charge(owed)
    assert means.expires


def test_another_tab_cannot_pay_again_while_one_is_undecided(customer):
    owed, means = owe(customer), saved(customer, "asks")
    other = saved(customer)
    pay_with(customer, owed, means)
    with pytest.raises(BeingConfirmed):
        charging.pay(customer.account.pk, [owed.number], saved_id=other.pk, act=now_act())
    with pytest.raises(BeingConfirmed):
        charge(owed)
    assert PaymentTry.objects.count() == 1


def test_nobody_is_there_the_usual_card_pays_and_the_key_pays_once(customer):
    owed = owe(customer)
    saved(customer)
    first, second = charge(owed), charge(owed)
    assert first.state == second.state == "paid"
    assert first.payment == second.payment
    assert moved(owed) == [("payment", 12000)]
    with pytest.raises(NothingToPay):
        charge(owed, key="renewal-2")


def test_nobody_is_there_a_decline_is_told_and_another_key_tries_again(customer):
    owed = owe(customer)
    saved(customer, "declines")
    first = charge(owed)
    assert (first.state, first.reason) == ("declined", "card_declined")
    assert charge(owed).payment == first.payment
    saved(customer)
    keeping.prefer(customer.account.pk, SavedMeans.objects.latest("pk").pk, act=now_act())
    assert charge(owed, key="renewal-2").state == "paid"


def test_nobody_is_there_and_the_card_asks_its_holder_pays_on_the_page(customer):
    owed = owe(customer)
    means = saved(customer, "asks")
    assert charge(owed).state == "needs_customer"
    assert again(owed).state == "open"
    assert "Test payment" in pay_with(customer, owed, means)


def test_what_was_begun_beside_is_closed_when_it_is_paid(customer):
    owed, means = owe(customer), saved(customer)
    paying.begin(customer.account.pk, [owed.number], provider="test", act=now_act())
    beside = PaymentTry.objects.get()
    pay_with(customer, owed, means)
    work()
    beside.refresh_from_db()
    assert beside.state == "over"
    page = customer.browser.post(beside.address, {"choice": "pay"}, follow=True)
    assert page.status_code == 200
    work()
    assert moved(owed) == [("payment", 12000)]
    assert again(owed).credit_minor == 0


@pytest.mark.django_db(transaction=True)
def test_pressed_in_many_tabs_at_once_it_is_paid_once(customer):
    owed, means = owe(customer), saved(customer)
    press = partial(
        charging.pay, customer.account.pk, [owed.number], saved_id=means.pk, act=now_act()
    )
    with told() as heard:
        outcomes = at_once(*[press for _ in range(8)])
    paid = [each for each in outcomes if isinstance(each, str)]
    assert len(set(paid)) == 1
    assert all(isinstance(each, str | NothingToPay) for each in outcomes)
    assert moved(owed) == [("payment", 12000)]
    assert heard == [("settled", owed.cause)]
    assert PaymentTry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_charged_under_many_keys_at_once_it_is_paid_once(customer):
    owed = owe(customer)
    saved(customer)
    outcomes = at_once(*[partial(charge, owed, f"renewal-{each % 2}") for each in range(8)])
    assert moved(owed) == [("payment", 12000)]
    assert again(owed).credit_minor == 0
    assert any(getattr(each, "state", "") == "paid" for each in outcomes)


@pytest.mark.django_db(transaction=True)
def test_removed_by_many_at_once_it_is_told_once(customer):
    means = saved(customer)
    remove = partial(keeping.remove, customer.account.pk, means.pk, act=now_act())
    outcomes = at_once(*[remove for _ in range(4)])
    assert sum(each is None for each in outcomes) == 1
    assert [template for template, _to in mails()].count("payments/mail/means_removed") == 1
