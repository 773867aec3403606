"""Stripe through its own library, against a stand-in that answers as the API does."""

import json
import time
from datetime import timedelta

import pytest
import stripe
from django.test import Client
from django.utils import timezone, translation

from nichandle.commerce.payments import operations, paying
from nichandle.commerce.payments.models import PaymentTry, ProviderEvent, Refund, RefusedEvent
from nichandle.commerce.payments.providers import card, registry, sending
from nichandle.commerce.payments.providers.contract import ProviderDown
from nichandle.commerce.payments.statements import deciding
from nichandle.commerce.payments.tests.helpers import (
    again,
    euros,
    moved,
    now_act,
    owe,
    receive,
    told,
    work,
)
from nichandle.commerce.payments.tests.standin import serving
from nichandle.platform.audit import queries as ledger

pytestmark = pytest.mark.django_db
SECRET = "whsec_test"


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


def begin(person, *owed):
    numbers = [each.number for each in owed]
    place = paying.begin(person.account.pk, numbers, provider="stripe", act=now_act())
    return place, PaymentTry.objects.latest("pk")


def event(thing, *, ref="evt_1", kind="checkout.session.completed", at=None):
    said = {
        "id": ref,
        "object": "event",
        "type": kind,
        "created": int(time.time()),
        "api_version": stripe.api_version,
        "data": {"object": thing},
    }
    return sign(json.dumps(said), at)


def sign(body, at=None, secret=SECRET):
    """Sign a body with the library's own arithmetic."""
    stated = int(at or time.time())
    mac = stripe.WebhookSignature._compute_signature(f"{stated}.{body}", secret)
    return body, f"t={stated},v1={mac}"


def tell(provider, body, signature):
    return provider.post(
        "/webhooks/stripe",
        body,
        content_type="application/json",
        headers={"Stripe-Signature": signature},
    )


def session(payment):
    return {
        "id": payment.provider_ref,
        "object": "checkout.session",
        "client_reference_id": payment.number,
    }


def test_it_is_offered_when_it_is_set_up(api, settings):
    assert registry.offered()[0] == "stripe"
    settings.NICHANDLE_STRIPE_WEBHOOK_SECRET = ""
    assert "stripe" not in registry.offered()


def test_a_payment_waits_on_stripe_s_page_and_a_link_leads_there(customer, api):
    owed = owe(customer)
    customer.sign_in()
    place = customer.browser.post(f"/pay/{owed.number}", {"means": "stripe"}).headers["Location"]
    payment = PaymentTry.objects.get()
    assert place == f"/pay/go/{payment.number}"
    page = customer.browser.get(place).content.decode()
    assert 'href="https://checkout.stripe.com/c/cs_1"' in page

    ((method, path, given),) = api.asked
    assert (method, path) == ("POST", "/v1/checkout/sessions")
    assert given["line_items[0][price_data][unit_amount]"] == "12000"
    assert given["line_items[0][price_data][currency]"] == "eur"
    assert given["client_reference_id"] == payment.number
    assert not [name for name in given if "card" in name]


def test_pressed_twice_it_is_one_session(customer, api):
    owed = owe(customer)
    assert begin(customer, owed)[0] == begin(customer, owed)[0]
    assert len(api.asked) == 1


def test_what_stripe_says_when_asked_is_booked(customer, api, provider):
    owed = owe(customer)
    _place, payment = begin(customer, owed)
    body, signature = event(session(payment))
    api.pay(payment.provider_ref, 12000)
    with told() as heard:
        for _time in range(3):
            assert tell(provider, body, signature).status_code == 204
            work()

    assert ProviderEvent.objects.count() == 1
    assert moved(owed) == [("payment", 12000)]
    assert heard == [("settled", owed.cause)]


def test_an_event_that_lies_changes_nothing(customer, api, provider):
    owed = owe(customer)
    _place, payment = begin(customer, owed)
    lie = session(payment) | {"payment_status": "paid", "status": "complete"}
    assert tell(provider, *event(lie)).status_code == 204
    work()

    assert again(owed).state == "open"


def test_several_are_paid_at_once_and_another_amount_is_booked_as_it_is(customer, api):
    first, second = owe(customer, 1000), owe(customer, 2000)
    _place, payment = begin(customer, first, second)
    api.pay(payment.provider_ref, 2500)
    paying.look(payment, act=now_act())

    assert [again(each).state for each in (first, second)] == ["settled", "partly"]


def test_a_session_that_ran_out_is_over_and_one_pays_again(customer, api):
    owed = owe(customer)
    _place, payment = begin(customer, owed)
    api.held[f"/v1/checkout/sessions/{payment.provider_ref}"]["status"] = "expired"
    paying.look(payment, act=now_act())
    payment.refresh_from_db()

    assert payment.state == "over"
    assert begin(customer, owed)[1] != payment


def test_a_debit_that_comes_to_nothing_is_declined(customer, api):
    _place, payment = begin(customer, owe(customer))
    held = api.held[f"/v1/checkout/sessions/{payment.provider_ref}"]
    intent = {"id": "pi_1", "object": "payment_intent", "status": "processing"}
    held |= {"status": "complete", "payment_intent": intent}
    paying.look(payment, act=now_act())
    payment.refresh_from_db()
    assert payment.state == "pending"
    intent |= {
        "status": "requires_payment_method",
        "last_payment_error": {"code": "debit_not_authorized"},
    }
    paying.look(payment, act=now_act())
    payment.refresh_from_db()

    assert (payment.state, payment.reason) == ("declined", "debit_not_authorized")


@pytest.mark.parametrize(
    ("status", "kinds"),
    [
        ("warning_needs_response", ["payment"]),
        ("needs_response", ["payment", "chargeback"]),
        ("lost", ["payment", "chargeback"]),
        ("won", ["payment", "chargeback", "payment"]),
    ],
)
def test_a_dispute_takes_and_a_won_one_gives_again(customer, api, provider, status, kinds):
    owed = owe(customer)
    _place, payment = begin(customer, owed)
    api.pay(payment.provider_ref, 12000)
    paying.look(payment, act=now_act())
    api.dispute(payment.provider_ref, 12000, status)
    thing = {"id": "dp_1", "object": "dispute", "payment_intent": f"pi_{payment.provider_ref}"}
    for number in range(2):
        body = event(thing, ref=f"evt_d{number}", kind="charge.dispute.updated")
        assert tell(provider, *body).status_code == 204
        work()

    assert [kind for kind, _units in moved(owed)] == kinds


@pytest.mark.parametrize(
    ("seconds", "why"), [(-301, "time"), (301, "time"), (3600, "time"), (0, ""), (299, "")]
)
def test_a_signature_of_another_time_is_refused_either_way(customer, api, provider, seconds, why):
    _place, payment = begin(customer, owe(customer))
    answer = tell(provider, *event(session(payment), at=time.time() + seconds))

    assert (answer.status_code, answer.content.decode()) == ((403, why) if why else (204, ""))
    assert RefusedEvent.objects.count() == bool(why)


@pytest.mark.parametrize(
    "forged",
    [
        lambda body, _signature: (body, sign(body, secret="whsec_other")[1]),
        lambda body, signature: (body.replace("evt_1", "evt_2"), signature),
        lambda body, _signature: (body, ""),
        lambda body, _signature: (body, "t=1"),
        lambda body, _signature: (body, "t=x,v1=y"),
        lambda _body, _signature: sign("{"),
        lambda _body, _signature: sign("[1]"),
        lambda _body, _signature: sign("null"),
        lambda _body, _signature: sign('{"id": "evt"}'),
        lambda _body, _signature: sign('{"id": "evt", "object": "event", "data": 1}'),
    ],
    ids=range(10),
)
def test_what_is_forged_or_broken_is_refused_and_counted(customer, api, provider, forged):
    _place, payment = begin(customer, owe(customer))
    answer = tell(provider, *forged(*event(session(payment))))

    assert answer.status_code == 403
    assert not ProviderEvent.objects.exists()
    assert RefusedEvent.objects.get().count == 1


def test_two_signatures_while_the_secret_changes_are_good(customer, api, provider):
    _place, payment = begin(customer, owe(customer))
    body, signature = event(session(payment))
    other = sign(body, secret="whsec_old")[1].partition(",")[2]

    assert tell(provider, body, f"{signature},{other}").status_code == 204


def test_without_an_answer_nothing_is_begun_and_the_page_says_what_to_do(customer, api):
    owed = owe(customer)
    api.status = 500
    customer.sign_in()
    answer = customer.browser.post(f"/pay/{owed.number}", {"means": "stripe"})

    assert answer.status_code == 503
    assert "bank transfer" in answer.content.decode()
    api.status = 200
    assert customer.browser.post(f"/pay/{owed.number}", {"means": "stripe"}).status_code == 302


def test_a_refund_is_asked_for_once_whoever_dies(customer, api):
    owed = owe(customer)
    _place, payment = begin(customer, owed)
    api.pay(payment.provider_ref, 12000)
    paying.look(payment, act=now_act())
    operations.refund(owed.cause, euros(12000), reason="withdrawn", act=now_act())
    refund = Refund.objects.get()
    through = registry.PROVIDERS["stripe"]
    payment.refresh_from_db()
    # It was sent, and the worker died before it could note so.
    through.send_back(refund, payment)
    with told() as heard:
        work()

    assert heard == [("refunded", owed.cause)]
    made = {each["id"] for each in api.by_key.values() if each["object"] == "refund"}
    assert len(made) == 1
    assert api.asked[-1][2]["payment_intent"] == f"pi_{payment.provider_ref}"


def test_a_refund_that_stripe_refuses_is_sent_by_hand(customer, api):
    owed = owe(customer)
    _place, payment = begin(customer, owed)
    api.pay(payment.provider_ref, 12000)
    paying.look(payment, act=now_act())
    operations.refund(owed.cause, euros(12000), reason="", act=now_act())
    api.status = 400
    sending.send(Refund.objects.get().pk, act=now_act())

    assert Refund.objects.get().state == "by_hand"


def test_a_refund_is_tried_again_when_stripe_does_not_answer(customer, api):
    owed = owe(customer)
    _place, payment = begin(customer, owed)
    api.pay(payment.provider_ref, 12000)
    paying.look(payment, act=now_act())
    operations.refund(owed.cause, euros(12000), reason="", act=now_act())
    api.status = 500
    with pytest.raises(ProviderDown):
        sending.send(Refund.objects.get().pk, act=now_act())
    api.status = 200
    work()

    assert again(owed).state == "refunded"


def test_a_lost_webhook_is_made_good(customer, api):
    owed = owe(customer)
    _place, payment = begin(customer, owed)
    api.pay(payment.provider_ref, 12000)
    paying.catch_up(now=timezone.now() + paying.GOOD_FOR)
    work(timezone.now() + paying.GOOD_FOR)

    assert again(owed).state == "settled"


def test_the_page_one_comes_back_to_has_it_looked_at(customer, api):
    owed = owe(customer)
    customer.sign_in()
    _place, payment = begin(customer, owed)
    page = customer.browser.get(f"/pay/done/{payment.number}").content.decode()
    assert "being confirmed" in page
    api.pay(payment.provider_ref, 12000)
    work()

    assert "Thank you" in customer.browser.get(f"/pay/done/{payment.number}").content.decode()


def test_the_operator_is_told_of_a_wrong_webhook_endpoint(api, settings):
    ours = f"{settings.BASE_URL}/webhooks/stripe"
    endpoint = {
        "url": ours,
        "status": "enabled",
        "api_version": stripe.api_version,
        "enabled_events": sorted(card.EVENTS),
    }
    api.held["/v1/webhook_endpoints"] = {"object": "list", "data": [endpoint]}
    assert list(card.faults()) == []
    endpoint["enabled_events"] = sorted(card.EVENTS - {"refund.failed"})
    assert "does not tell: refund.failed." in next(card.faults())
    endpoint["enabled_events"] = ["*"]
    assert list(card.faults()) == []
    endpoint |= {"api_version": "2020-08-27", "status": "disabled"}
    assert len(list(card.faults())) == 2
    endpoint["url"] = "https://other.example"
    assert "no webhook endpoint" in next(card.faults())
    api.status = 500
    assert "cannot be asked" in next(card.faults())


def test_the_operator_is_told_of_refused_webhooks(provider, api):
    api.held["/v1/webhook_endpoints"] = {"object": "list", "data": []}
    tell(provider, "{}", "t=1,v1=x")
    said = registry.faults(now=timezone.now())

    assert any("1 webhooks of stripe were refused" in line for line in said)


def test_an_amount_that_stripe_does_not_take_is_said_on_the_page(customer, api):
    owed = owe(customer, 10)
    api.status = 400

    answer = customer.sign_in().post(f"/pay/{owed.number}", {"means": "stripe"})

    assert answer.status_code == 409
    assert "choose another means" in answer.content.decode()


def test_whose_first_answer_was_lost_goes_on_in_another_language(customer, api):
    owed = owe(customer)
    begin(customer, owed)
    PaymentTry.objects.update(address="", provider_ref="")

    with translation.override("fr"):
        begin(customer, owed)

    assert PaymentTry.objects.get().provider_ref


@pytest.mark.parametrize(("minutes", "same"), [(13, True), (15, False), (29, False)])
def test_what_stripe_never_opened_is_not_asked_for_too_near_its_end(customer, api, minutes, same):
    owed = owe(customer)
    first = begin(customer, owed)[1]
    begun_at = timezone.now() - timedelta(minutes=minutes)
    PaymentTry.objects.update(address="", provider_ref="", begun_at=begun_at)
    api.said.clear()
    assert (begin(customer, owed)[1] == first) == same

    ends = int(api.asked[-1][2]["expires_at"])
    assert ends - time.time() > 30 * 60


def test_a_page_that_stripe_has_opened_is_gone_on_with(customer, api):
    owed = owe(customer)
    first = begin(customer, owed)[1]
    PaymentTry.objects.update(begun_at=timezone.now() - timedelta(minutes=20))

    assert begin(customer, owed)[1] == first


def test_another_amount_that_is_missing_is_another_payment(customer, api):
    owed = owe(customer)
    first = begin(customer, owed)[1]
    receive(owed, 5000)

    assert begin(customer, owed)[1] != first
    assert api.asked[-1][2]["line_items[0][price_data][unit_amount]"] == "7000"


def test_a_refund_that_is_on_its_way_is_asked_about_and_not_sent_anew(customer, api):
    owed = owe(customer)
    _place, payment = begin(customer, owed)
    api.pay(payment.provider_ref, 12000)
    paying.look(payment, act=now_act())
    operations.refund(owed.cause, euros(12000), reason="", act=now_act())
    Refund.objects.update(state="sent", provider_ref="re_9")
    api.held["/v1/refunds/re_9"] = {"id": "re_9", "object": "refund", "status": "succeeded"}
    work()

    assert [path for _method, path, _given in api.asked].count("/v1/refunds") == 0
    assert Refund.objects.get().state == "done"


@pytest.mark.parametrize("kind", ["refund.failed", "refund.updated"])
def test_a_refund_that_fails_after_it_had_left_is_sent_by_hand(customer, api, provider, kind):
    owed = owe(customer)
    _place, payment = begin(customer, owed)
    api.pay(payment.provider_ref, 12000)
    paying.look(payment, act=now_act())
    operations.refund(owed.cause, euros(12000), reason="withdrawn", act=now_act())
    work()
    refund = Refund.objects.get()
    assert refund.state == "done"
    thing = api.held[f"/v1/refunds/{refund.provider_ref}"]
    thing |= {"metadata": {"payment": payment.number}, "status": "succeeded"}
    tell(provider, *event(thing, ref="evt_r0", kind="refund.updated"))
    work()
    assert Refund.objects.get().state == "done"

    thing |= {"status": "failed", "failure_reason": "lost_or_stolen_card"}
    for number in (1, 2):
        tell(provider, *event(thing, ref=f"evt_r{number}", kind=kind))
        work()
    refund.refresh_from_db()
    assert (refund.state, refund.trouble) == ("by_hand", f"{thing['id']} lost_or_stolen_card")
    assert (again(owed).state, again(owed).refunded_minor) == ("settled", 0)
    assert moved(owed) == [("payment", 12000), ("refund", 12000), ("unsent", 12000)]
    entries = ledger.entries_of(customer.account.pk).rows
    assert entries[0].act == "payment.refund_failed"

    deciding.sent_by_hand(refund.pk, act=now_act())
    assert again(owed).state == "refunded"
    assert moved(owed)[-1] == ("refund", 12000)
