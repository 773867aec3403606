"""
Cards and what else Stripe takes, on Stripe's own page (Checkout): no card number touches us.

Its library speaks one version of the API (``stripe.api_version``) whatever the account's is. What
became of a payment is read from its Checkout session, its payment intent and its disputes, fetched
at that moment; an event says only which one.
"""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import pgettext_lazy

from nichandle.commerce.payments.errors import MeansRefuses
from nichandle.commerce.payments.models import PaymentTry, Refund, Share
from nichandle.commerce.payments.providers.contract import (
    OPENED_WITHIN,
    TOLERANCE,
    NotGenuine,
    OpenedPayment,
    ProviderDown,
    RefundRefused,
    Seen,
    SentBack,
    ToldEvent,
)
from nichandle.commerce.payments.providers.stripe_api import asking, client_of, field_of, outcome
from nichandle.commerce.payments.providers.stripe_charges import charged, intent_of
from nichandle.commerce.payments.words import BEGUN, DECLINED, OVER, PAID, PENDING, PaymentState
from nichandle.platform.kernel.later import later
from nichandle.platform.kernel.wording import languages

stripe = later("stripe", seldom=True)
log = logging.getLogger("nichandle.payments")

NAME = "stripe"
SESSION_LASTS = OPENED_WITHIN + timedelta(minutes=31)
"""
How long after the beginning Stripe's page can be used.

Stripe allows no less than 30 minutes from when it opens it, and it may be asked again until then.
"""
EVENTS = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
        "charge.dispute.created",
        "charge.dispute.closed",
        "refund.updated",
        "refund.failed",
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_method.automatically_updated",
        "payment_method.updated",
        "payment_method.detached",
    }
)
"""What the webhook endpoint has to tell; ``*`` stands for all there is."""


class Card:
    """Stripe as the rest of the room sees it."""

    name = NAME
    label = pgettext_lazy("payment", "Card")
    header = "Stripe-Signature"
    cheap = False

    def open(self, payment: PaymentTry, /, *, back: str, **_world: object) -> OpenedPayment:
        """Open Stripe's page for a payment; asked again, with the same number, it is the same."""
        about, shares = {"payment": payment.number}, _shares(payment)
        params = {
            "mode": "payment",
            "client_reference_id": payment.number,
            "metadata": about,
            "payment_intent_data": {"metadata": about},
            "line_items": [_item(share, payment) for share in shares],
            "success_url": back,
            "cancel_url": f"{settings.BASE_URL}/pay/{shares[0].receivable.number}",
            "expires_at": int((payment.begun_at + SESSION_LASTS).timestamp()),
            "locale": languages.current(),
        }
        # What is sent with one key must be the same: another language is another key.
        options = {"idempotency_key": f"open-{payment.number}-{params['locale']}"}
        try:
            with asking():
                session = client_of().v1.checkout.sessions.create(params=params, options=options)
        except stripe.InvalidRequestError as wrong:
            log.warning("Stripe refuses payment %s: %s", payment.number, wrong.code)
            raise MeansRefuses from wrong
        return OpenedPayment(address=session.url, ref=session.id)

    def number_of(self, ref: str) -> str:
        if not ref.startswith("pi_"):
            return ref
        with asking():
            intent = client_of().v1.payment_intents.retrieve(ref)
        return str(field_of(intent.metadata, "payment"))

    def look(self, payment: PaymentTry, /, *, now: datetime) -> Seen:
        if payment.saved_id:
            return charged(payment, intent_of(payment), now=now).seen
        if not payment.provider_ref:
            return Seen(state=BEGUN)
        client = client_of()
        params = {"expand": ["payment_intent", "payment_intent.latest_charge"]}
        with asking():
            session = client.v1.checkout.sessions.retrieve(payment.provider_ref, params=params)
        intent = field_of(session, "payment_intent")
        if not intent:
            return Seen(state=_state(session, None))
        return outcome(payment, intent, _state(session, intent))

    def read(self, body: bytes, signature: str, *, now: datetime) -> ToldEvent:
        secret = settings.NICHANDLE_STRIPE_WEBHOOK_SECRET
        try:
            event = client_of().construct_event(body, signature, secret)
            # The library takes a time that is still to come.
            stated = next(
                int(part[2:]) for part in signature.split(",") if part.strip().startswith("t=")
            )
            if abs(now - datetime.fromtimestamp(stated, UTC)) > TOLERANCE:
                raise NotGenuine("time")
            at = datetime.fromtimestamp(event.created, UTC)
            return ToldEvent(event.id, event.type, _ref(event.data.object), at)
        except stripe.SignatureVerificationError as wrong:
            raise NotGenuine("time" if "tolerance" in str(wrong) else "signature") from None
        except (ValueError, AttributeError, TypeError, KeyError, StopIteration) as wrong:
            raise NotGenuine("unreadable") from wrong

    def send_back(self, refund: Refund, payment: PaymentTry) -> SentBack:
        client = client_of()
        intent = payment.note.get("intent", "")
        params = {
            "payment_intent": intent,
            "amount": refund.amount_minor,
            "metadata": {"payment": payment.number, "refund": str(refund.key)},
        }
        options = {"idempotency_key": str(refund.key)}
        try:
            with asking():
                made = (
                    client.v1.refunds.retrieve(refund.provider_ref)
                    if refund.provider_ref
                    else client.v1.refunds.create(params=params, options=options)
                )
        except stripe.InvalidRequestError as wrong:
            raise RefundRefused(wrong.code or "refused") from None
        if why := _failed(made):
            raise RefundRefused(why)
        return SentBack(made.id, done=made.status == "succeeded")

    def failure(self, refund: Refund) -> str:
        with asking():
            return _failed(client_of().v1.refunds.retrieve(refund.provider_ref))

    def close(self, payment: PaymentTry) -> None:
        client = client_of()
        try:
            with asking():
                if payment.saved_id and payment.provider_ref:
                    client.v1.payment_intents.cancel(payment.provider_ref)
                elif payment.provider_ref:
                    client.v1.checkout.sessions.expire(payment.provider_ref)
        except stripe.InvalidRequestError as wrong:
            # It is finished already, or was closed before: the look that follows says which.
            log.info("Stripe does not close payment %s: %s", payment.number, wrong.code)


def faults() -> Iterator[str]:
    """Say what is wrong with the account's webhook; each a sentence for the operator."""
    ours = f"{settings.BASE_URL}/webhooks/{NAME}"
    try:
        with asking():
            found = client_of().v1.webhook_endpoints.list(params={"limit": 100})
    except (ProviderDown, stripe.StripeError) as wrong:
        yield f"Stripe cannot be asked: {wrong.__cause__ or wrong}"
        return
    endpoints = [each for each in found.data if each.url == ours]
    if not endpoints:
        yield f"Stripe has no webhook endpoint for {ours}: without it nothing that is paid is seen."
    for each in endpoints:
        if each.status != "enabled":
            yield f"Stripe's webhook endpoint for {ours} is switched off."
        if each.api_version != stripe.api_version:
            version = each.api_version or "the account's own"
            yield (
                f"Stripe's webhook endpoint for {ours} speaks {version}: make one of "
                f"{stripe.api_version}, which is the library's."
            )
        if "*" not in each.enabled_events and (missing := EVENTS.difference(each.enabled_events)):
            yield (
                f"Stripe's webhook endpoint for {ours} does not tell: "
                f"{', '.join(sorted(missing))}. Add what is missing there."
            )


def _shares(payment: PaymentTry) -> list[Share]:
    rows = Share.objects.filter(payment=payment).select_related("receivable")
    return list(rows.order_by("receivable"))


def _item(share: Share, payment: PaymentTry) -> dict[str, Any]:
    product = {"name": share.receivable.title}
    price = {
        "currency": payment.currency.lower(),
        "unit_amount": share.amount_minor,
        "product_data": product,
    }
    return {"quantity": 1, "price_data": price}


def _state(session: Any, intent: Any) -> PaymentState:
    if session.status == "expired":
        return OVER
    if session.status == "open":
        return BEGUN
    if session.payment_status == "paid":
        return PAID
    # Means that answer late (a debit, say) come to nothing in the intent.
    failed = intent is not None and intent.status in {"requires_payment_method", "canceled"}
    return DECLINED if failed else PENDING


def _failed(refund: Any) -> str:
    """Return why a refund failed, also after it had succeeded, as Stripe may still say later."""
    if refund.status not in {"failed", "canceled"}:
        return ""
    return str(field_of(refund, "failure_reason") or refund.status)


def _ref(thing: Any) -> str:
    """Return what leads from an event's object to our payment."""
    if field_of(thing, "object") == "payment_method":
        return str(thing.id)
    about = field_of(thing, "metadata")
    number = field_of(about, "payment") or field_of(about, "saving")
    number = number or field_of(thing, "client_reference_id")
    intent = field_of(thing, "payment_intent")
    return str(number or (intent if isinstance(intent, str) else field_of(intent, "id")) or "")
