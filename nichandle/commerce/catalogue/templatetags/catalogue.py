"""The catalogue's texts, in the reader's language."""

from django import template

from nichandle.commerce.catalogue import queries
from nichandle.commerce.catalogue.offers import Text
from nichandle.platform.kernel.wording import languages

register = template.Library()


@register.filter
def said(text: Text) -> str:
    return text.said(languages.current())


@register.filter
def plan_name(code: str) -> str:
    """Return what the catalogue calls a plan; its code where it knows it no more."""
    product = queries.current().known(code)
    return said(product.name) if product else code
