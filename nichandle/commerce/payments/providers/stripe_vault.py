"""
Means of payment that Stripe keeps: typed on its own page (Checkout in mode setup), never on ours.

They hang on a customer that is made once for each account and says of it the identifier alone.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from nichandle.commerce.payments.models import PaymentTry, SavedMeans, Saving
from nichandle.commerce.payments.providers import stripe_charges
from nichandle.commerce.payments.providers.contract import (
    Charged,
    MeansSeen,
    OpenedPayment,
    SavingSeen,
)
from nichandle.commerce.payments.providers.stripe_api import asking, client_of, field_of, stripe
from nichandle.platform.kernel.wording import languages


class StripeVault:
    """What Stripe keeps, as the rest of the room sees it."""

    def customer(self, account_id: UUID, handle: str, /) -> str:
        params = {"description": handle, "metadata": {"handle": handle}}
        options = {"idempotency_key": f"customer-{account_id}"}
        with asking():
            return str(client_of().v1.customers.create(params=params, options=options).id)

    def open(
        self, saving: Saving, /, *, customer: str, back: str, **_world: object
    ) -> OpenedPayment:
        about = {"saving": saving.number}
        params = {
            "mode": "setup",
            "customer": customer,
            "client_reference_id": saving.number,
            "metadata": about,
            "setup_intent_data": {"metadata": about},
            # Others tell neither brand nor end, and some take days to say no.
            "payment_method_types": ["card"],
            "success_url": back,
            "cancel_url": f"{settings.BASE_URL}/account/payment",
            "locale": languages.current(),
        }
        options = {"idempotency_key": f"save-{saving.number}-{params['locale']}"}
        with asking():
            session = client_of().v1.checkout.sessions.create(params=params, options=options)
        return OpenedPayment(address=session.url, ref=session.id)

    def look(self, saving: Saving, /) -> SavingSeen:
        params = {"expand": ["setup_intent.payment_method"]}
        with asking():
            session = client_of().v1.checkout.sessions.retrieve(saving.provider_ref, params=params)
        if session.status != "complete":
            return SavingSeen("over" if session.status == "expired" else "begun")
        intent = session.setup_intent
        if field_of(intent, "status") != "succeeded":
            return SavingSeen("begun")
        return SavingSeen("saved", _seen(intent.payment_method))

    def held(self, customer: str, _saved: Sequence[SavedMeans], /) -> Sequence[MeansSeen]:
        params = {"customer": customer, "type": "card", "limit": 100}
        with asking():
            found = client_of().v1.payment_methods.list(params=params)
        return [_seen(each) for each in found.data]

    def forget(self, ref: str, /) -> None:
        try:
            with asking():
                client_of().v1.payment_methods.detach(ref)
        except stripe.InvalidRequestError:
            # It hangs on no customer any more.
            return

    def charge(self, payment: PaymentTry, /, *, customer: str, back: str, now: datetime) -> Charged:
        return stripe_charges.charge(payment, customer=customer, back=back, now=now)


def _seen(method: Any) -> MeansSeen:
    card = field_of(method, "card")
    year, month = field_of(card, "exp_year"), field_of(card, "exp_month")
    return MeansSeen(
        ref=method.id,
        brand=str(field_of(card, "brand"))[:20],
        last4=str(field_of(card, "last4"))[:4],
        last_day=date(year, month, monthrange(year, month)[1]) if year and month else None,
    )
