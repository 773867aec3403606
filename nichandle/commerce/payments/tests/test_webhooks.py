"""What the provider tells: believed only with its signature, kept once, decided by the object."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from nichandle.commerce.payments import paying
from nichandle.commerce.payments.jobs import catch_up
from nichandle.commerce.payments.models import PaymentTry, ProviderEvent, RefusedEvent
from nichandle.commerce.payments.providers import trial, webhooks
from nichandle.commerce.payments.tests.helpers import again, moved, now_act, owe, told, work
from nichandle.platform.jobs.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider():
    return Client(HTTP_HOST="localhost", enforce_csrf_checks=True)


def begun(person, owed):
    """Begin a test payment; return it and the secret of its page."""
    address = paying.begin(person.account.pk, [owed.number], provider="test", act=now_act())
    return PaymentTry.objects.latest("pk"), address.rpartition("/")[2]


def pressed(person, owed, choice="pay"):
    payment, secret = begun(person, owed)
    trial.choose(secret, choice, now=timezone.now())
    payment.refresh_from_db()
    return payment


def tell(provider, body, signature):
    return provider.post(
        "/webhooks/test",
        body,
        content_type="application/json",
        headers={"Test-Signature": signature},
    )


def test_a_payment_is_booked_when_the_provider_has_told(customer, provider):
    owed = owe(customer)
    payment = pressed(customer, owed)
    with told() as heard:
        assert tell(provider, *trial.webhook(payment, now=timezone.now())).status_code == 204
        assert again(owed).state == "open"
        work()

    assert again(owed).state == "settled"
    assert heard == [("settled", owed.cause)]


def test_told_ten_times_it_is_one_row_and_one_payment(customer, provider):
    owed = owe(customer)
    payment = pressed(customer, owed)
    body, signature = trial.webhook(payment, now=timezone.now(), event="evt-1")
    with told() as heard:
        for _time in range(10):
            assert tell(provider, body, signature).status_code == 204
            work()

    assert ProviderEvent.objects.count() == 1
    assert moved(owed) == [("payment", 12000)]
    assert heard == [("settled", owed.cause)]


def test_events_out_of_order_end_in_the_same_state(customer, provider):
    owed = owe(customer)
    payment, secret = begun(customer, owed)
    before = trial.webhook(payment, now=timezone.now(), event="evt-begun")
    trial.choose(secret, "pay", now=timezone.now())
    after = trial.webhook(payment, now=timezone.now(), event="evt-paid")
    for each in (after, before):
        tell(provider, *each)
        work()

    assert again(owed).state == "settled"
    payment.refresh_from_db()
    assert payment.state == "paid"


def test_an_event_without_its_payment_changes_nothing(customer, provider):
    owed = owe(customer)
    _payment, _secret = begun(customer, owed)
    body = json.dumps({"id": "e", "kind": "paid", "payment": "1234567890", "at": 1})
    signature = trial.sign(body.encode(), now=timezone.now())

    assert tell(provider, body, signature).status_code == 204
    work()
    assert again(owed).state == "open"


def test_what_an_event_says_of_an_amount_is_not_believed(customer, provider):
    owed = owe(customer)
    payment, _secret = begun(customer, owed)
    body = {"id": "e", "kind": "payment.paid", "payment": payment.number, "at": 1, "amount": 1}
    text = json.dumps(body | {"state": "paid"}).encode()
    tell(provider, text, trial.sign(text, now=timezone.now()))
    work()

    assert again(owed).state == "open"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("body", "signature"),
        ("mac", "signature"),
        ("none", "signature"),
        ("old", "time"),
        ("future", "time"),
        ("not json", "unreadable"),
        ("a list", "unreadable"),
        ("huge", "signature"),
    ],
)
def test_what_is_forged_replayed_or_broken_is_refused_and_counted(customer, provider, change, why):
    owed = owe(customer)
    payment = pressed(customer, owed)
    at = timezone.now() + {"old": -1, "future": 1}.get(change, 0) * timedelta(seconds=301)
    body, signature = trial.webhook(payment, now=at)
    if change == "body":
        body = body.replace(b"payment.changed", b"payment.chanted")
    elif change == "mac":
        signature = signature[:-1] + ("0" if signature[-1] != "0" else "1")
    elif change == "none":
        signature = ""
    elif change in {"not json", "a list", "huge"}:
        body = {"not json": b"{", "a list": b"[1]", "huge": b" " * 300_000}[change]
        signature = trial.sign(body, now=at)

    answer = tell(provider, body, signature)

    assert (answer.status_code, answer.content) == (403, why.encode())
    assert not ProviderEvent.objects.exists()
    assert not Job.objects.filter(name="payments.look").exists()
    assert list(RefusedEvent.objects.values_list("why", "count")) == [(why, 1)]
    work()
    assert again(owed).state == "open"


def test_a_flood_of_forged_ones_is_one_row_and_then_refused_unread(provider, settings):
    for _time in range(300):
        assert tell(provider, b"{}", "1.x").status_code == 403

    assert tell(provider, b"{}", "1.x").status_code == 429
    assert RefusedEvent.objects.get().count == 300


def test_a_form_is_no_webhook(provider):
    assert provider.post("/webhooks/test", {"id": "1"}).status_code == 403


def test_an_unknown_provider_is_not_found_and_production_has_no_test_provider(
    provider, customer, settings
):
    assert provider.post("/webhooks/paypal").status_code == 404
    owed = owe(customer)
    payment = pressed(customer, owed)
    settings.DEMO = False

    assert tell(provider, *trial.webhook(payment, now=timezone.now())).status_code == 404
    paying.look(payment, act=now_act())
    assert again(owed).state == "open"


def test_old_events_are_forgotten(customer, provider):
    payment = pressed(customer, owe(customer))
    tell(provider, *trial.webhook(payment, now=timezone.now()))
    tell(provider, b"{}", "1.x")
    webhooks.forget(now=timezone.now() + timedelta(days=181))

    assert not ProviderEvent.objects.exists()
    assert not RefusedEvent.objects.exists()


def test_confirmed_later_it_is_booked_later_by_itself(customer):
    owed = owe(customer)
    payment = pressed(customer, owed, "later")
    paying.look(payment, act=now_act())
    payment.refresh_from_db()
    assert payment.state == "pending"
    work(timezone.now() + trial.LATER)

    assert again(owed).state == "settled"


def test_a_dispute_takes_the_money_back_once(customer):
    owed = owe(customer)
    payment, secret = begun(customer, owed)
    trial.choose(secret, "pay", now=timezone.now())
    paying.look(payment, act=now_act())
    trial.choose(secret, "dispute", now=timezone.now())
    with told() as heard:
        paying.look(payment, act=now_act())
        paying.look(payment, act=now_act())

    assert heard == [("unsettled", owed.cause)]
    assert moved(owed) == [("payment", 12000), ("chargeback", 12000)]


def test_an_event_whose_job_was_given_up_is_looked_into_again(customer, provider):
    owed = owe(customer)
    payment, secret = begun(customer, owed)
    trial.choose(secret, "pay", now=timezone.now())
    paying.look(payment, act=now_act())
    trial.choose(secret, "dispute", now=timezone.now())
    tell(provider, *trial.webhook(payment, now=timezone.now()))
    Job.objects.update(state=Job.State.DEAD)
    later = timezone.now() + webhooks.OVERDUE
    catch_up(now=later - timedelta(minutes=1))
    work(later)
    assert again(owed).state == "settled"
    catch_up(now=later)
    work(later)

    assert again(owed).state == "open"
    assert ProviderEvent.objects.get().seen_at == later


def test_an_event_that_was_looked_into_is_not_looked_into_again(customer, provider):
    payment = pressed(customer, owe(customer))
    tell(provider, *trial.webhook(payment, now=timezone.now()))
    work()
    catch_up(now=timezone.now() + webhooks.OVERDUE)

    assert not Job.objects.exists()


@pytest.mark.parametrize(("days", "asked"), [(7.9, True), (8, False)])
def test_what_is_undecided_is_asked_about_for_eight_days(customer, days, asked):
    pressed(customer, owe(customer))
    PaymentTry.objects.update(begun_at=timezone.now() - timedelta(days=days))
    paying.catch_up(now=timezone.now())

    assert Job.objects.filter(name="payments.look").exists() == asked
