"""Where the money of orders is taken: a page of payments."""

from django.shortcuts import resolve_url
from django.utils.http import urlencode

from nichandle.commerce.payments.queries import number_of


def address_of(*causes: str) -> str:
    """Return the page on which what these causes owe is paid together."""
    return page_of(*filter(None, map(number_of, causes)))


def page_of(first: str, *others: str) -> str:
    """Return that page by the numbers of what is owed."""
    query = urlencode([("also", number) for number in others])
    return resolve_url("payments:pay", number=first) + (f"?{query}" if query else "")
