"""What this room tells the rooms above."""

from django.dispatch import Signal

effected = Signal()
"""
A case has given access back. Sent inside the transaction, the account's row locked, with
``account_id``, ``factors`` (whether the second factors go), ``address`` (the one address that
remains) and ``act``. Rooms end what they hold for the account: sessions, known and
trusted browsers, network rules, API keys, open requests, outstanding links. Receivers only write
rows.
"""
