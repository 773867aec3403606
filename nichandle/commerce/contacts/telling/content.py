"""What a request is about, as pages, mails and ledgers tell it."""

from dataclasses import dataclass

from nichandle.commerce.contacts.rules import WITH_TERMS
from nichandle.commerce.services.models import Service
from nichandle.commerce.services.words import ROLES


@dataclass(frozen=True, slots=True)
class Content:
    """What a request is about: its roles, the names of some of its services, and how many."""

    roles: tuple[str, ...]
    services: list[Service]
    count: int

    @property
    def role_words(self) -> list[str]:
        return [str(ROLES[role]) for role in self.roles]

    @property
    def names(self) -> list[str]:
        return [service.name for service in self.services]

    @property
    def more(self) -> int:
        return self.count - len(self.services)

    @property
    def with_terms(self) -> bool:
        return bool(set(self.roles) & set(WITH_TERMS))
