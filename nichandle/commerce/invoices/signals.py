"""What this room tells the rooms above, inside the transaction that issues."""

from django.dispatch import Signal

issued = Signal()
"""
A document has its number: ``invoice_id``, ``cause``, ``now``, once for each of its causes.

The counter of the series is locked meanwhile, and the draft: a receiver waits for no lock. What it
has to do beyond writing rows of its own it writes as a job. One that raises undoes the issue.
"""
