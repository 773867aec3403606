"""The mail of this room."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from nichandle.commerce.services.models import Service
from nichandle.commerce.services.permissions import RECIPIENTS
from nichandle.identity.accounts.letterhead import letter
from nichandle.identity.accounts.models import Account
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.operations import enqueue_all

NOTICES = {
    "creating": ("technical",),
    "active": ("technical",),
    "suspended": ("technical", "legal", "renewal"),
    "terminated": ("technical", "legal", "renewal"),
}
"""Which kinds of mail tell of a new state."""


def state_changed(
    service: Service, everybody: Mapping[UUID, tuple[Account, set[str]]], *, now: datetime
) -> None:
    """Tell those whom mails of such a state go to, by their roles."""
    wanted = {role for kind in NOTICES[service.state] for role in RECIPIENTS[kind]}
    facts = {"service": service.name, "number": str(service.pk), "state": service.state}
    template = "services/mail/state"
    enqueue_all(
        letter(account, template, to=account.email, facts=facts, act=Act.by_itself(now))
        for account, roles in everybody.values()
        if roles & wanted
    )
