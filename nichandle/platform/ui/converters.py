"""How keys of rows are written in addresses."""

from django.urls import register_converter

LARGEST_KEY = 2**63 - 1
"""Of a ``BigAutoField``, on both engines."""


class RowKey:
    """
    A row's key: digits, and no more than a row can have.

    Larger numbers are no address at all, so that no query is ever asked for what a database cannot
    hold: SQLite's driver fails on it. ``int``, Django's own, lets through whatever is digits.
    """

    regex = "[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        """:raises ValueError: which means that the address does not exist"""
        key = int(value)
        if key > LARGEST_KEY:
            raise ValueError(value)
        return key

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(RowKey, "key")
