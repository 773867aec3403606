"""Whose prices a reader of the shop sees, and who sells to them."""

from uuid import UUID

from django.conf import settings

from nichandle.commerce.invoices import sellers
from nichandle.commerce.invoices.errors import HolderIncomplete, SellerMissing
from nichandle.commerce.invoices.facts import Party, Seller
from nichandle.commerce.invoices.parties import holder
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import profile


def reader(account_id: UUID | None) -> Party:
    """Return the customer of an account; without one, a consumer of the operator's country."""
    country = settings.NICHANDLE_COUNTRY
    if account_id is not None:
        account = profile(account_id)
        try:
            return holder(account)
        except HolderIncomplete:
            country = account.country
    return Party(
        name="", lines=(), postcode="", city="", country=country, kind=Account.Kind.INDIVIDUAL
    )


def seller() -> Seller | None:
    """Return who sells; None while the operator has not said it, and then no VAT is known."""
    try:
        return sellers.current()
    except SellerMissing:
        return None
