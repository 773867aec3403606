"""Which process issues a series: a row with an end, taken and renewed by writing it."""

import os
import socket
from datetime import datetime, timedelta
from uuid import uuid4

from nichandle.commerce.invoices.models import Lease

LEASE = timedelta(seconds=15)
"""So long a series waits for a process that has died; an issue takes some hundredths of one."""


def owner() -> str:
    """Return a name that no other process, thread or later life of this one has."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid4().hex[:12]}"


def take(series: str, who: str, *, now: datetime) -> bool:
    """Take a series, or keep it longer; False while another process has it."""
    end = now + LEASE
    free = Lease.objects.filter(series=series, until__lte=now)
    if Lease.objects.filter(series=series, owner=who).update(until=end):
        return True
    if free.update(owner=who, until=end):
        return True
    made = Lease(series=series, owner=who, until=end)
    Lease.objects.bulk_create([made], ignore_conflicts=True)
    return Lease.objects.filter(series=series, owner=who).exists()


def leave(series: str, who: str) -> None:
    """Let the series go to whoever comes next."""
    Lease.objects.filter(series=series, owner=who).delete()
