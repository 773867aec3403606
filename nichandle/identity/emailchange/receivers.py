"""What this room does when another tells something."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from nichandle.identity.cases.signals import effected
from nichandle.identity.emailchange import deliveries
from nichandle.identity.emailchange.outcome import endings
from nichandle.identity.emailchange.outcome.voiding import void_all
from nichandle.identity.emailchange.queries import open_change
from nichandle.identity.notme.signals import disowned
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.signals import watch

watch("emailchange", deliveries.hear)


@receiver(disowned)
def take_back(*, account_id: UUID, since: datetime, act: Act, **_signal: Any) -> None:
    """A change asked since a disowned event ends with it, one asked before is held."""
    endings.take_back(account_id, since=since, act=act)


@receiver(effected)
def end_all(*, account_id: UUID, act: Act, **_signal: Any) -> None:
    """End the open request and every link: an approved case has made another address the only."""
    change = open_change(account_id)
    if change is not None:
        endings.refuse(change, act=act, reason="case")
    void_all(account_id, now=act.now)
