"""What the outbox tells the rooms above."""

from django.dispatch import Signal

settled = Signal()
"""
A mail was accepted or has ended without. Sent inside the transaction that says so, with ``mail``;
receivers only write rows.
"""
