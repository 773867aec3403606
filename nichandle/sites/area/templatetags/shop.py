"""Amounts of the shop, as its reader pays them."""

from django import template

from nichandle.sites.area.shop.prices import Amount
from nichandle.sites.area.shop.words import amount_words

register = template.Library()


@register.filter
def amount(shown: Amount, gross_first: bool) -> str:
    """Write an amount before VAT and with it, what the reader pays first."""
    return amount_words(shown, gross_first=gross_first)
