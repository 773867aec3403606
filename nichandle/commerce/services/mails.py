"""The mail of this room."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from nichandle.commerce.services.models import Service
from nichandle.commerce.services.permissions import RECIPIENTS
from nichandle.identity.accounts.models import Account
from nichandle.platform.kernel.origin import NOWHERE
from nichandle.platform.outbox.operations import draft, enqueue_all

NOTICES = {
    "creating": ("technical",),
    "active": ("technical",),
    "suspended": ("technical", "legal", "renewal"),
    "terminated": ("technical", "legal", "renewal"),
}
"""Which kinds of mail the word of a new state is."""


def state_changed(
    service: Service, everybody: Mapping[UUID, tuple[Account, set[str]]], *, now: datetime
) -> None:
    """Word of a service's new state, to those whom such mails go to."""
    wanted = {role for kind in NOTICES[service.state] for role in RECIPIENTS[kind]}
    enqueue_all(
        draft(
            template="services/mail/state",
            to=account.email,
            language=account.language,
            account_id=account.pk,
            handle=account.handle.text if account.handle else "",
            context={
                "service": service.name,
                "number": str(service.pk),
                "state": service.state,
                "time_zone": account.time_zone,
            },
            secrets={},
            origin=NOWHERE,
            now=now,
        )
        for account, roles in everybody.values()
        if roles & wanted
    )
