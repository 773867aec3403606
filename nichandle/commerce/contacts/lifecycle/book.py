"""The ledger entries of one transaction, written at its end in one order of accounts."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from nichandle.platform.audit.operations import NewEntry, record_all


class Book:
    """
    Collects what is to be entered in the ledgers of several accounts.

    All chains are locked at once and in the order of their keys, so that two transactions that
    tell the same people never wait for each other in a ring.
    """

    def __init__(self) -> None:
        self.collected: dict[UUID, list[NewEntry]] = {}

    def add(self, *lines: NewEntry) -> None:
        for line in lines:
            self.collected.setdefault(line.account_id, []).append(line)

    def write(self, *, now: datetime) -> None:
        """Enter everything; the last thing of a transaction."""
        for some in self._rounds():
            record_all(some, now=now)
        self.collected.clear()

    def _rounds(self) -> Iterable[list[NewEntry]]:
        """Yield the first line of every account, then the second of those that have one, …"""
        longest = max((len(lines) for lines in self.collected.values()), default=0)
        for number in range(longest):
            yield [
                self.collected[account_id][number]
                for account_id in sorted(self.collected)
                if number < len(self.collected[account_id])
            ]
