"""What the decision of a dispute makes of the contested roles."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from nichandle.commerce.contacts.errors import RoleWouldBeClosed
from nichandle.commerce.contacts.models import Item, Request
from nichandle.commerce.contacts.queries import disputed_items
from nichandle.commerce.contacts.telling.audience import Contacts
from nichandle.commerce.services.operations import hand_over
from nichandle.commerce.services.words import OWNER
from nichandle.identity.accounts.models import Account

Place = tuple[int, str]
"""A service and a role on it."""


def carry_out(request: Request, contacts: Contacts, *, give_back: bool, now: datetime) -> None:
    """
    Bring the roles to whom the decision gives them; the caller holds the services.

    Given back, they leave whoever has them by now. Never to an account that is closed: where the
    one before and the one now both are, the service's owner has the role.

    :raises RoleWouldBeClosed: when the decision could be the other one, or nobody is there
    """
    moves: dict[tuple[UUID, UUID], tuple[Account, Account, list[Place]]] = {}
    for old, new, place in _moves(request, disputed_items(request.pk), contacts, give_back):
        moves.setdefault((old.pk, new.pk), (old, new, []))[2].append(place)
    for old, new, places in moves.values():
        hand_over(
            places,
            old=(old.pk, old.handle_text),
            new=(new.pk, new.handle_text),
            by="",
            now=now,
        )


def _moves(
    request: Request, items: Sequence[Item], contacts: Contacts, give_back: bool
) -> list[tuple[Account, Account, Place]]:
    moves = []
    for item in items:
        place = item.service_id, item.role
        present, before = contacts[place].account, request.from_account
        owner = contacts[item.service_id, OWNER].account
        after = _whose(present, before, owner, give_back=give_back)
        if after.pk != present.pk:
            moves.append((present, after, place))
    return moves


def _whose(present: Account, before: Account, owner: Account, *, give_back: bool) -> Account:
    chosen, other = (before, present) if give_back else (present, before)
    if not _closed(chosen):
        return chosen
    if not _closed(other) or _closed(owner):
        raise RoleWouldBeClosed
    return owner


def _closed(account: Account) -> bool:
    return account.state == Account.State.CLOSED
