"""Words of the catalogue, as pages of plans say them."""

from django import template

from nichandle.commerce.catalogue import queries
from nichandle.commerce.catalogue.offers import Text

register = template.Library()


@register.filter
def said(text: Text, language: str) -> str:
    """Say a text of the catalogue in a language."""
    return text.said(language)


@register.filter
def plan_name(code: str, language: str) -> str:
    """Return what the catalogue calls a plan; its code where it knows it no more."""
    product = queries.current().known(code)
    return product.name.said(language) if product else code
