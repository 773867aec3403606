"""Which means of payment this installation offers."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from nichandle.commerce.payments import payee
from nichandle.commerce.payments.models import RefusedEvent
from nichandle.commerce.payments.providers import card
from nichandle.commerce.payments.providers.card import Card
from nichandle.commerce.payments.providers.contract import Provider, Vault
from nichandle.commerce.payments.providers.stripe_vault import StripeVault
from nichandle.commerce.payments.providers.trial import Trial
from nichandle.commerce.payments.providers.trial_vault import TrialVault

PROVIDERS: dict[str, Provider] = {"stripe": Card(), "test": Trial()}
VAULTS: dict[str, Vault] = {"stripe": StripeVault(), "test": TrialVault()}
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


def vault(name: str) -> Vault | None:
    """Return what keeps means at a provider that is set up here; None for all others."""
    return VAULTS.get(name) if usable(name) else None


def saving() -> tuple[str, ...]:
    """Return the providers that can keep a means: a bank transfer leaves nothing to keep."""
    return tuple(name for name in offered() if name in VAULTS)
