"""
Payments with a means that Stripe keeps: one payment intent each, confirmed at once.

It is made with one idempotency key, so asking again takes nothing again. Where our process died
before it learnt the intent's name, the intent is found among those of the customer.
"""

from datetime import datetime, timedelta
from typing import Any

from nichandle.commerce.payments.models import PaymentTry, ProviderCustomer
from nichandle.commerce.payments.providers.contract import Charged, Seen
from nichandle.commerce.payments.providers.stripe_api import (
    asking,
    client_of,
    field_of,
    outcome,
    stripe,
)
from nichandle.commerce.payments.words import BEGUN, DECLINED, OVER, PAID, PENDING, PaymentState

MADE_WITHIN = timedelta(minutes=30)
"""An intent that is not there after so long was never made: no request of ours is still going."""
_STATES: dict[str, PaymentState] = {
    "succeeded": PAID,
    "processing": PENDING,
    "requires_action": BEGUN,
    "requires_payment_method": DECLINED,
    "canceled": OVER,
}


def charge(payment: PaymentTry, *, customer: str, back: str, now: datetime) -> Charged:
    """
    Take a payment with its saved means; asked again, it is taken once.

    :raises ProviderDown: when Stripe does not answer: it may have been taken
    """
    assert payment.saved is not None
    params = {
        "amount": payment.amount_minor,
        "currency": payment.currency.lower(),
        "customer": customer,
        "payment_method": payment.saved.ref,
        "payment_method_types": ["card"],
        "confirm": True,
        "metadata": {"payment": payment.number},
        "expand": ["latest_charge"],
        **({"return_url": back} if back else {"off_session": True}),
    }
    options = {"idempotency_key": f"charge-{payment.number}"}
    try:
        with asking():
            intent = client_of().v1.payment_intents.create(params=params, options=options)
    except stripe.CardError as declined:
        said = field_of(declined.error, "payment_intent")
        reason = field_of(declined.error, "decline_code") or declined.code or ""
        return Charged(Seen(state=DECLINED, reason=str(reason)), str(field_of(said, "id")))
    except stripe.InvalidRequestError as wrong:
        return Charged(Seen(state=DECLINED, reason=str(wrong.code or "refused")))
    return charged(payment, intent, now=now)


def charged(payment: PaymentTry, intent: Any, *, now: datetime) -> Charged:
    """
    Return what an intent says of a payment with a saved means; it may not be there.

    :raises ProviderDown: when Stripe does not answer
    """
    if intent is None:
        never = now - payment.begun_at > MADE_WITHIN
        return Charged(Seen(state=OVER if never else BEGUN))
    seen = outcome(payment, intent, _STATES.get(intent.status, BEGUN))
    action = field_of(field_of(intent, "next_action"), "redirect_to_url")
    return Charged(seen, intent.id, str(field_of(action, "url")))


def intent_of(payment: PaymentTry) -> Any:
    """
    Return the intent of a payment with a saved means; None where none was made.

    :raises ProviderDown: when Stripe does not answer
    """
    intents, expand = client_of().v1.payment_intents, ["latest_charge"]
    if payment.provider_ref:
        with asking():
            return intents.retrieve(payment.provider_ref, params={"expand": expand})
    rows = ProviderCustomer.objects.filter(account=payment.account_id, provider=payment.provider)
    since = int((payment.begun_at - timedelta(minutes=1)).timestamp())
    for customer in rows:
        params = {
            "customer": customer.ref,
            "created": {"gte": since},
            "limit": 100,
            "expand": ["data.latest_charge"],
        }
        with asking():
            found = intents.list(params=params)
        for each in found.data:
            if field_of(field_of(each, "metadata"), "payment") == payment.number:
                return each
    return None
