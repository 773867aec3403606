"""
What this room does when another tells something.

It is told before the others (see ``config.apps``): requests are locked before ledgers, wherever
both are.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from nichandle.commerce.contacts.lifecycle import holds
from nichandle.identity.cases.signals import effected
from nichandle.identity.notme.signals import disowned
from nichandle.platform.kernel.act import Act


@receiver(disowned)
def suspend_requests(*, account_id: UUID, since: datetime, act: Act, **_signal: Any) -> None:
    """Requests asked since a disowned event end, those before wait for their owner."""
    holds.suspend(account_id, since=since, act=act)


@receiver(effected)
def end_requests(*, account_id: UUID, act: Act, **_signal: Any) -> None:
    """Access was given back: no request that somebody else may have asked goes on."""
    holds.end_all(account_id, now=act.now)
