"""What this room tells others."""

from django.dispatch import Signal

password_changed = Signal()
"""
Somebody signed in has changed the password: ``account_id``, ``act``.

Sent in the transaction that changes it.
"""
