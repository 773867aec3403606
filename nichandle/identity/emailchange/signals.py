"""What this room tells the rooms above."""

from django.dispatch import Signal

changed = Signal()
"""
Primary addresses have changed or were given back. Sent inside the transaction with
``account_ids`` and ``act``: what was mailed to the address before is void.
"""
contested = Signal()
"""
The old address contests a change that its own code approved, at every press. Sent inside the
transaction with ``account_id``, that ``address``, when it had been ``proven_at``, and ``act``, for
the room that looks into it.
"""
