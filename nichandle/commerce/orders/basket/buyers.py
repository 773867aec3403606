"""Who buys, and what that changes: a customer by their account, a visitor by where we sell."""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings

from nichandle.commerce.catalogue.offers import Product
from nichandle.commerce.invoices.facts import Party
from nichandle.commerce.invoices.sales.parties import holder
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import profile

CONSUMERS = {Account.Kind.INDIVIDUAL, Account.Kind.OTHER}
"""Who buys as a consumer unless they say otherwise (code de la consommation, article liminaire)."""


def asks_at_once(kind: str, products: Iterable[Product]) -> bool:
    """
    Tell whether the express wish is asked for that services begin before withdrawal is over.

    Only of those who could withdraw, from something they could withdraw from (code de la
    consommation, L221-25).
    """
    return kind in CONSUMERS and any(product.withdrawal.allowed for product in products)


def buyer(account_id: UUID | None) -> Party:
    """Return the customer of an account; without one, a consumer of the operator's country."""
    if account_id is not None:
        return holder(profile(account_id))
    return Party(
        name="",
        lines=(),
        postcode="",
        city="",
        country=settings.NICHANDLE_COUNTRY,
        kind=Account.Kind.INDIVIDUAL,
    )
