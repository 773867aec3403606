"""What this room does when another tells something."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from nichandle.identity.cases.signals import effected
from nichandle.identity.factors import operations
from nichandle.identity.notme.signals import disowned
from nichandle.platform.kernel.act import Act


@receiver(disowned)
def take_back(*, account_id: UUID, since: datetime, act: Act, **_signal: Any) -> None:
    """Factors set up since a disowned event go with it."""
    operations.end_since(account_id, since=since, act=act)


@receiver(effected)
def give_up_lost(*, account_id: UUID, factors: bool, **_signal: Any) -> None:
    """Factors go only where the case was about lost factors."""
    if factors:
        operations.remove_all(account_id)
