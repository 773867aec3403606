"""What this room tells the rooms above."""

from django.dispatch import Signal

disowned = Signal()
"""
The owner has disowned an event. Sent inside the transaction with ``account_id``, ``since`` (when
the event was) and ``act``: what was born since is ended, what was asked before is held
by the rooms that have such things. Receivers only write rows.
"""
