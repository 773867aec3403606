"""Asking Stripe through its library, for payments and for saved means alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings

from nichandle.commerce.payments.models import PaymentTry
from nichandle.commerce.payments.providers.contract import ProviderDown, Seen
from nichandle.commerce.payments.words import PAID, PaymentState
from nichandle.platform.kernel.later import later
from nichandle.platform.kernel.money import Money

stripe = later("stripe", seldom=True)
INQUIRY = "warning"
"""What the states of a dispute begin with that took no money (yet)."""
PATIENCE = 10.0
"""Seconds that Stripe is given to answer."""


def client_of() -> Any:
    """Return the library's client for the operator's account at Stripe."""
    return stripe.StripeClient(
        settings.NICHANDLE_STRIPE_KEY,
        base_addresses={"api": settings.NICHANDLE_STRIPE_URL},
        http_client=stripe.RequestsClient(timeout=PATIENCE),
        max_network_retries=1,
    )


@contextmanager
def asking() -> Iterator[None]:
    """:raises ProviderDown: when Stripe does not answer, or not to us"""
    try:
        yield
    except (stripe.APIConnectionError, stripe.APIError, stripe.RateLimitError) as wrong:
        raise ProviderDown from wrong
    except (stripe.AuthenticationError, stripe.PermissionError) as wrong:
        raise ProviderDown from wrong


def field_of(thing: Any, name: str) -> Any:
    """Return a field of Stripe's, empty where it is not there."""
    return (getattr(thing, name, "") or "") if thing else ""


def outcome(payment: PaymentTry, intent: Any, state: PaymentState) -> Seen:
    """
    Return what a payment intent says, and remember which one it is for refunds.

    :raises ProviderDown: when Stripe does not answer
    """
    PaymentTry.objects.filter(pk=payment.pk).update(note={"intent": intent.id})
    if state != PAID:
        return Seen(state=state, reason=why_not(intent))
    amount = Money.of_minor(intent.amount_received, intent.currency.upper())
    taken, again = _disputes(client_of(), intent)
    return Seen(state=PAID, amount=amount, taken_back=taken, given_again=again)


def why_not(intent: Any) -> str:
    error = field_of(intent, "last_payment_error")
    return str(field_of(error, "decline_code") or field_of(error, "code")) if error else ""


def _disputes(client: Any, intent: Any) -> tuple[dict[str, Money], dict[str, Money]]:
    """Return what disputes have taken, and what won ones have given again."""
    charge = field_of(intent, "latest_charge")
    if not charge or not field_of(charge, "disputed"):
        return {}, {}
    with asking():
        found = client.v1.disputes.list(params={"payment_intent": intent.id})
    real = [each for each in found.data if not each.status.startswith(INQUIRY)]
    taken = {each.id: Money.of_minor(each.amount, each.currency.upper()) for each in real}
    return taken, {each.id: taken[each.id] for each in real if each.status == "won"}
