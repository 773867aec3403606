"""What this room does when another tells something."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from nichandle.identity.cases.signals import effected
from nichandle.identity.notme.signals import disowned
from nichandle.identity.signin.authentication import openings
from nichandle.identity.signin.recognition import networks
from nichandle.identity.signin.sessions.ending import end_all
from nichandle.platform.kernel.act import Act


@receiver(disowned)
def take_rules_back(*, account_id: UUID, since: datetime, act: Act, **_signal: Any) -> None:
    """Network rules set since a disowned event go with it."""
    networks.take_back(account_id, since=since, act=act)


@receiver(effected)
def sign_out_everywhere(*, account_id: UUID, act: Act, **_signal: Any) -> None:
    """Whoever was signed in may be whom the case was about: no browser, no rule is theirs."""
    end_all(account_id=account_id)
    openings.void([account_id], now=act.now)
    networks.remove_all(account_id)
