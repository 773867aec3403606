"""An act as the edge brings it: where it comes from, when, and who acts for somebody else."""

from dataclasses import dataclass, field
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

from nichandle.platform.kernel.origin import NOWHERE, Origin


@dataclass(frozen=True, slots=True)
class Act:
    """
    What an operation is told of the world around it.

    ``now`` is in UTC. ``by`` names who acts when it is not the account's owner, as the ledger shows
    it: a reviewer, an agent, the operator; empty otherwise.
    """

    origin: Origin
    now: datetime
    by: str = field(default="", kw_only=True)

    @classmethod
    def of(cls, request: HttpRequest) -> "Act":
        """Read it off a request and the clock, at the edge."""
        return cls(Origin.of(request), timezone.now())

    @classmethod
    def by_itself(cls, now: datetime) -> "Act":
        """Return what the product does without anybody: the worker, and what time brings."""
        return cls(NOWHERE, now)

    @classmethod
    def by_staff(cls, name: str, now: datetime) -> "Act":
        """Return what a member of the staff does; from where is nobody else's business."""
        return cls(NOWHERE, now, by=name)
