"""Who may change which contact, and who has to agree: the table, and nothing but."""

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from nichandle.commerce.contacts.models import Side
from nichandle.commerce.services.models import Role
from nichandle.commerce.services.permissions import CONTACT, allows
from nichandle.commerce.services.words import (
    ADMINISTRATOR,
    BILLING,
    OWNER,
    RANKED,
    TECHNICAL,
    RoleName,
)

LOWER: Final[tuple[RoleName, ...]] = (TECHNICAL, BILLING)
"""Roles that an administrator takes back alone."""
WITH_TERMS: Final[tuple[RoleName, ...]] = (OWNER, ADMINISTRATOR)
"""Whoever takes one of these accepts the service's terms."""
DISPUTABLE: Final[tuple[RoleName, ...]] = (OWNER, ADMINISTRATOR)
"""Whoever loses one of these may dispute it; a displaced technical or billing contact may not."""
RANK: Final = {str(role): rank for rank, role in enumerate(RANKED)}
"""The lower the number the higher the role."""


def authority(mine: Collection[str], role: str) -> RoleName | None:
    """Return the highest of one's roles on a service that lets one change a contact of it."""
    return next(iter(allows(mine, CONTACT[role])), None)


def sides(*, role: str, for_oneself: bool) -> tuple[str, ...]:
    """
    Return who has to say yes by mail before a role changes hands.

    An administrator takes a lower role back alone; an owner who takes the administration over
    confirms it by mail; otherwise both the asker and the newcomer agree. The one displaced has no
    say.
    """
    if not for_oneself:
        return (Side.Who.ASKER, Side.Who.NEWCOMER)
    return () if role in LOWER else (Side.Who.ASKER,)


def roles_by_service(
    contacts: Mapping[tuple[int, str], Role], account_id: UUID
) -> dict[int, set[str]]:
    """Return which roles an account has on each service, where it has any."""
    mine: dict[int, set[str]] = {}
    for (service_id, role), row in contacts.items():
        if row.account_id == account_id:
            mine.setdefault(service_id, set()).add(role)
    return mine
