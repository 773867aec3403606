"""
What this room tells the rooms above, inside the transaction that moves the money.

The receivable's row is locked meanwhile. Whoever holds rows of their own when they call an
operation of this room takes the receivable first, with ``operations.hold``, so that the order is
the same both ways.
"""

from django.dispatch import Signal

settled = Signal()
"""
A receivable is paid to the last cent: ``cause``, ``receivable_id``, ``now``. Once, whatever comes
in again; after ``unsettled`` it may come once more.
"""
unsettled = Signal()
"""
A receivable that was settled is not any more, because its money was taken back: a chargeback, or a
transfer that was returned. With ``cause``, ``receivable_id``, ``now``.
"""
refunded = Signal()
"""
Money has gone back: ``cause``, ``receivable_id``, ``amount_minor``, ``currency``, ``now``; and
``again`` when the same was told before and had not arrived.
"""
