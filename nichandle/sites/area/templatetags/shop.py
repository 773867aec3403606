"""The catalogue's texts, in the reader's language."""

from django import template

from nichandle.commerce.catalogue.offers import Text
from nichandle.platform.kernel.wording import languages
from nichandle.sites.area.shop.prices import Amount
from nichandle.sites.area.shop.words import amount_words

register = template.Library()


@register.filter
def said(text: Text) -> str:
    return text.said(languages.current())


@register.filter
def amount(shown: Amount, gross_first: bool) -> str:
    """Write an amount before VAT and with it, what the reader pays first."""
    return amount_words(shown, gross_first=gross_first)
