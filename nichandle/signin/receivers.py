"""What this room does when another tells something."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from nichandle.kernel.origin import Origin
from nichandle.notme.signals import disowned
from nichandle.signin import networks


@receiver(disowned)
def take_rules_back(
    *, account_id: UUID, since: datetime, origin: Origin, now: datetime, **_signal: Any
) -> None:
    """Network rules set since a disowned event go with it."""
    networks.take_back(account_id, since=since, origin=origin, now=now)
