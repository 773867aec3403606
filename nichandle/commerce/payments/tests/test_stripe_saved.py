"""Means that Stripe keeps, through its own library, against a stand-in that answers as it does."""

import pytest
from django.test import Client

from nichandle.commerce.payments.models import PaymentTry, SavedMeans, Saving
from nichandle.commerce.payments.saved import charging, keeping
from nichandle.commerce.payments.tests.helpers import again, moved, now_act, owe, work
from nichandle.commerce.payments.tests.standin import serving
from nichandle.commerce.payments.tests.test_stripe import SECRET, begin, event, tell

pytestmark = pytest.mark.django_db
METHODS = "/v1/payment_methods"


@pytest.fixture
def api(settings):
    with serving() as standin:
        settings.NICHANDLE_STRIPE_KEY = "rk_test_1"
        settings.NICHANDLE_STRIPE_WEBHOOK_SECRET = SECRET
        settings.NICHANDLE_STRIPE_URL = standin.url
        yield standin


@pytest.fixture
def provider():
    return Client(HTTP_HOST="localhost", enforce_csrf_checks=True)


def saved(person, api):
    keeping.begin(person.account.pk, person.handle, provider="stripe", act=now_act())
    saving = Saving.objects.get()
    api.save(saving.provider_ref)
    keeping.look(saving, act=now_act())
    return SavedMeans.objects.get()


def pay(person, owed, means):
    charging.pay(person.account.pk, [owed.number], saved_id=means.pk, act=now_act())
    return PaymentTry.objects.latest("pk")


def asked(api, path):
    return [given for _method, at, given in api.asked if at == path]


def test_a_card_is_typed_on_stripe_s_page_and_kept_when_stripe_tells(customer, api, provider):
    customer.sign_in()
    place = customer.browser.post("/account/payment/add", {"provider": "stripe"})
    page = customer.browser.get(place.headers["Location"]).content.decode()
    saving = Saving.objects.get()
    assert saving.address in page
    (given,) = asked(api, "/v1/checkout/sessions")
    assert (given["mode"], given["customer"]) == ("setup", "cus_1")
    assert not SavedMeans.objects.exists()

    api.save(saving.provider_ref)
    about = {"id": saving.provider_ref, "object": "checkout.session"}
    assert tell(provider, *event({**about, "client_reference_id": saving.number})).status_code < 300
    work()
    means = SavedMeans.objects.get()
    assert (means.ref, means.shown, means.expires) == ("pm_1", "Visa •••• 4242", "08/2029")


def test_a_removed_one_is_detached_and_one_that_is_gone_is_no_trouble(customer, api):
    means = saved(customer, api)
    keeping.remove(customer.account.pk, means.pk, act=now_act())
    work()
    assert asked(api, f"{METHODS}/pm_1/detach")
    gone = {"error": {"message": "no", "type": "invalid_request_error", "code": "gone"}}
    api.refuses[f"{METHODS}/pm_1/detach"] = (400, gone)
    keeping.forget("stripe", "pm_1")


def test_a_new_expiry_and_a_card_detached_at_stripe_are_learnt(customer, api, provider):
    saved(customer, api)
    (method,) = api.held[METHODS]["data"]
    method["card"]["exp_year"] = 2033
    said = event(method, kind="payment_method.automatically_updated")
    tell(provider, *said)
    work()
    assert SavedMeans.objects.get().expires == "08/2033"

    api.held[METHODS]["data"].clear()
    tell(provider, *event(method, ref="evt_2", kind="payment_method.detached"))
    work()
    assert SavedMeans.objects.get().removed_at


def test_it_pays_at_once_as_one_intent_of_its_customer(customer, api):
    owed, means = owe(customer), saved(customer, api)
    payment = pay(customer, owed, means)
    assert payment.state == "paid"
    assert moved(owed) == [("payment", 12000)]
    (given,) = asked(api, "/v1/payment_intents")
    assert given["amount"] == "12000"
    assert (given["customer"], given["payment_method"]) == ("cus_1", "pm_1")
    assert given["return_url"].endswith(f"/pay/done/{payment.number}")
    assert "off_session" not in given


def test_declined_by_the_bank_it_is_still_owed(customer, api):
    owed, means = owe(customer), saved(customer, api)
    api.decline("card_declined", "insufficient_funds")
    payment = pay(customer, owed, means)
    assert (payment.state, payment.reason) == ("declined", "insufficient_funds")
    assert again(owed).state == "open"


def test_a_bank_that_asks_is_answered_on_its_own_page(customer, api):
    owed, means = owe(customer), saved(customer, api)
    api.charges = "requires_action"
    customer.sign_in()
    answer = customer.browser.post(f"/pay/{owed.number}", {"means": f"saved-{means.pk}"})
    payment = PaymentTry.objects.get()
    assert answer.headers["Location"] == f"/pay/go/{payment.number}"
    page = customer.browser.get(f"/pay/go/{payment.number}").content.decode()
    assert "https://hooks.stripe.com/3ds/" in page
    intent = api.held[f"/v1/payment_intents/{payment.provider_ref}"]
    intent |= {"status": "succeeded", "amount_received": 12000}
    customer.browser.get(f"/pay/done/{payment.number}")
    work()
    assert moved(owed) == [("payment", 12000)]


def test_while_nobody_is_there_the_bank_asks_for_the_customer(customer, api):
    owed = owe(customer)
    saved(customer, api)
    api.decline("authentication_required", "authentication_required")
    outcome = charging.charge(owed.cause, key="renewal-1", act=now_act())
    assert outcome.state == "needs_customer"
    (given,) = asked(api, "/v1/payment_intents")
    assert given["off_session"] == "true"
    assert "return_url" not in given


def test_when_stripe_fell_silent_a_look_finds_the_payment_it_took(customer, api):
    owed = owe(customer)
    saved(customer, api)
    api.refuses["/v1/payment_intents"] = (500, {"error": {"type": "api_error", "message": "no"}})
    assert charging.charge(owed.cause, key="renewal-1", act=now_act()).state == "pending"
    payment = PaymentTry.objects.get()
    given = {"currency": "eur", "amount": "12000", "metadata[payment]": payment.number}
    api._charge("pi_lost", given)
    work()
    assert moved(owed) == [("payment", 12000)]
    assert charging.charge(owed.cause, key="renewal-1", act=now_act()).state == "paid"


def test_asked_again_under_its_key_stripe_takes_it_once(customer, api):
    owed = owe(customer)
    saved(customer, api)
    api.charges = "processing"
    assert charging.charge(owed.cause, key="renewal-1", act=now_act()).state == "pending"
    ref = PaymentTry.objects.get().provider_ref
    api.held[f"/v1/payment_intents/{ref}"] |= {"status": "succeeded", "amount_received": 12000}
    assert charging.charge(owed.cause, key="renewal-1", act=now_act()).state == "paid"
    assert len(asked(api, "/v1/payment_intents")) == 1
    assert moved(owed) == [("payment", 12000)]


def test_another_open_page_of_stripe_expires_when_it_is_paid(customer, api):
    owed, beside = owe(customer), owe(customer)
    _place, alone = begin(customer, owed)
    _place, both = begin(customer, owed, beside)
    means = saved(customer, api)
    pay(customer, owed, means)
    work()
    for each in (alone, both):
        each.refresh_from_db()
        assert each.state == "over"
        assert asked(api, f"/v1/checkout/sessions/{each.provider_ref}/expire")


def test_what_was_paid_on_another_page_before_it_could_expire_is_credit(customer, api):
    owed = owe(customer)
    _place, beside = begin(customer, owed)
    pay(customer, owed, saved(customer, api))
    api.pay(beside.provider_ref, 12000)
    work()
    after = again(owed)
    assert (after.paid_minor, after.credit_minor) == (12000, 12000)
    assert ("excess", 12000) in moved(owed)
