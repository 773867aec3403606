"""Who buys, and what that changes: a customer by their account, a visitor by where we sell."""

from collections.abc import Iterable, Sized
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from nichandle.commerce.catalogue.offers import Product
from nichandle.commerce.invoices.facts import Party
from nichandle.commerce.invoices.sales.parties import holder
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import profile

CONSUMERS = {Account.Kind.INDIVIDUAL, Account.Kind.OTHER}
"""Who buys as a consumer unless they say otherwise (code de la consommation, article liminaire)."""


@dataclass(frozen=True, slots=True)
class Questions:
    """
    What the form of an order asks of a buyer beside its prices.

    ``at_once``, the express wish that services begin before withdrawal is over, is asked of those
    who could withdraw, from something they could withdraw from (code de la consommation, L221-25);
    ``purchase_order`` of those who are no consumers.
    """

    terms: bool
    at_once: bool
    purchase_order: bool

    @classmethod
    def of(cls, kind: str, products: Iterable[Product], terms: Sized) -> "Questions":
        """Decide it by the kind of the buyer, what is ordered and its terms."""
        consumer = kind in CONSUMERS
        withdrawable = any(product.withdrawal.allowed for product in products)
        return cls(bool(terms), consumer and withdrawable, not consumer)


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
