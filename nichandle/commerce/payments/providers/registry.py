"""Which means of payment this installation offers."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from nichandle.commerce.payments import payee
from nichandle.commerce.payments.models import RefusedEvent
from nichandle.commerce.payments.providers import card
from nichandle.commerce.payments.providers.card import Card
from nichandle.commerce.payments.providers.contract import Provider
from nichandle.commerce.payments.providers.trial import Trial

PROVIDERS: dict[str, Provider] = {"stripe": Card(), "test": Trial()}
TRANSFER = "transfer"
BY_TRANSFER = pgettext_lazy("payment", "Bank transfer (one to three working days)")


def offered() -> tuple[str, ...]:
    """Return the means that customers may choose, in the order in which pages show them."""
    return tuple(name for name in settings.NICHANDLE_PAYMENT_MEANS if usable(name))


def usable(name: str) -> bool:
    """Tell whether a means is set up here."""
    if name == "test":
        return bool(settings.DEMO)
    if name == "stripe":
        return bool(settings.NICHANDLE_STRIPE_KEY and settings.NICHANDLE_STRIPE_WEBHOOK_SECRET)
    return name == TRANSFER and payee.current() is not None


def label(name: str) -> str | Promise:
    """Return what customers read of a means where they choose one."""
    return BY_TRANSFER if name == TRANSFER else PROVIDERS[name].label


def faults(*, now: datetime) -> list[str]:
    """Say what keeps payments from being seen; each a sentence for the operator."""
    found = list(card.faults()) if usable("stripe") else []
    since = now - timedelta(days=1)
    for row in RefusedEvent.objects.filter(last_at__gt=since).order_by("pk"):
        found.append(
            f"{row.count} webhooks of {row.provider} were refused on {row.day} ({row.why}): if "
            "they were its own, look at the signing secret and the clock."
        )
    return found


def provider(name: str) -> Provider | None:
    """Return a provider that is set up here; None for another, whoever asks."""
    return PROVIDERS.get(name) if usable(name) else None
