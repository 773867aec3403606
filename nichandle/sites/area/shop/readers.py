"""Whose prices a reader of the shop sees, and who sells to them."""

from uuid import UUID

from nichandle.commerce.invoices.errors import HolderIncomplete, SellerMissing
from nichandle.commerce.invoices.facts import Party, Seller
from nichandle.commerce.invoices.selling import sellers
from nichandle.commerce.orders.basket.buyers import buyer


def reader(account_id: UUID | None) -> Party:
    """Return who would order: a visitor too where an account cannot be invoiced yet."""
    try:
        return buyer(account_id)
    except HolderIncomplete:
        return buyer(None)


def seller() -> Seller | None:
    """Return who sells; None while the operator has not said it, and then no VAT is known."""
    try:
        return sellers.current()
    except SellerMissing:
        return None
