"""Who is told what became of roles on services: whoever has or had one, of their own services."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from nichandle.commerce.contacts.telling.content import Content
from nichandle.commerce.services.models import Role, Service
from nichandle.commerce.services.words import ROLES
from nichandle.identity.accounts.models import Account

NAMES_SHOWN = 20

Contacts = Mapping[tuple[int, str], Role]


@dataclass(frozen=True, slots=True)
class Told:
    """One account, and what it is told of."""

    account: Account
    about: Content


def audience(
    parties: Iterable[Account], roles: Mapping[int, set[str]], contacts: Contacts
) -> list[Told]:
    """
    Return whom to tell that ``roles`` changed, or are in dispute, on services.

    ``parties`` hear of every service; whoever else is among ``contacts``, of those where it is one.
    """
    found: dict[UUID, tuple[Account, set[int]]] = {
        account.pk: (account, set(roles)) for account in parties
    }
    services: dict[int, Service] = {}
    for (service_id, _role), row in contacts.items():
        if service_id in roles:
            services[service_id] = row.service
            found.setdefault(row.account_id, (row.account, set()))[1].add(service_id)
    return [
        Told(account, _content(keys, roles, services))
        for _key, (account, keys) in sorted(found.items())
    ]


def _content(
    keys: Iterable[int], roles: Mapping[int, set[str]], services: Mapping[int, Service]
) -> Content:
    numbers = set(keys)
    here = set[str]().union(*(roles[number] for number in numbers))
    shown = sorted((services[number] for number in numbers), key=lambda one: one.name_folded)
    ranked = tuple(role for role in ROLES if role in here)
    return Content(ranked, shown[:NAMES_SHOWN], len(numbers))
