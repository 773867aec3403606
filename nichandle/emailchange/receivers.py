"""What this room does when another tells something."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from nichandle.emailchange import deliveries, endings
from nichandle.kernel.origin import Origin
from nichandle.notme.signals import disowned
from nichandle.outbox.signals import watch

watch("emailchange", deliveries.hear)


@receiver(disowned)
def take_back(
    *, account_id: UUID, since: datetime, origin: Origin, now: datetime, **_signal: Any
) -> None:
    """A change asked since a disowned event ends with it, one asked before is held."""
    endings.take_back(account_id, since=since, origin=origin, now=now)
