"""The lists of this room, in words."""

from django import template
from django.utils.functional import Promise

from nichandle.identity.cases.kinds import ITEMS, KINDS, METHODS, PAPER_REASONS, REASONS

register = template.Library()


@register.filter
def case_kind(kind: str) -> str | Promise:
    """Name a kind of case."""
    found = KINDS.get(kind)
    return found.label if found else kind


@register.filter
def paper_item(item: str) -> str | Promise:
    """Name a paper of the checklist."""
    return ITEMS[item][0] if item in ITEMS else item


@register.filter
def paper_reason(reason: str) -> str | Promise:
    """Say why a paper cannot be shown."""
    return PAPER_REASONS.get(reason, reason)


@register.filter
def refusal_reason(reason: str) -> str | Promise:
    return REASONS.get(reason, reason)


@register.filter
def review_method(method: str) -> str | Promise:
    return METHODS.get(method, method)
