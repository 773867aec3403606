"""The three customers of demo mode; no real person, no secret."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings

from nichandle.identity.accounts import operations
from nichandle.identity.accounts.models import Account, RecoveryAddress
from nichandle.identity.accounts.passwords import hash_password
from nichandle.identity.handles.operations import adopt
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.act import Act


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    """One customer as the sign-in page of demo mode shows it."""

    body: str
    email: str
    password: str
    kind: str
    recovery: str
    details: dict[str, str] = field(default_factory=dict)

    @property
    def handle(self) -> str:
        return f"{self.body}-{settings.NICHANDLE_SUFFIX}"

    @property
    def name(self) -> str:
        return self.details.get("organisation") or (
            f"{self.details['given_name']} {self.details['family_name']}"
        )


PLACE = {"postcode": "59800", "city": "Lille"}
CUSTOMERS = (
    DemoCustomer(
        "dm429850",
        "diane.mercier@example.org",
        "quatre lilas au balcon",
        "individual",
        "diane@mercier.example",
        {
            "given_name": "Diane",
            "family_name": "Mercier",
            "address": "12 rue des Lilas",
            "phone": "+33612345678",
            **PLACE,
        },
    ),
    DemoCustomer(
        "bm731927",
        "contact@boulangerie-mercier.example",
        "levain farine et patience",
        "corporation",
        "",
        {
            "organisation": "Boulangerie Mercier",
            "corporation_type": "SARL",
            "company_number": "73282932000074",
            "vat_number": "FR44732829320",
            "given_name": "Paul",
            "family_name": "Mercier",
            "address": "3 place du Marché",
            "phone": "+33320123456",
            **PLACE,
        },
    ),
    DemoCustomer(
        "cd250414",
        "bureau@chorale-des-dunes.example",
        "soprano alto tenor basse",
        "association",
        "tresorerie@chorale-des-dunes.example",
        {
            "organisation": "Chorale des Dunes",
            "association_number": "W593004217",
            "given_name": "Awa",
            "family_name": "Delattre",
            "address": "Maison des associations, 8 digue de Mer",
            "postcode": "59140",
            "city": "Dunkerque",
            "phone": "+33328123456",
        },
    ),
)


def present() -> bool:
    """Tell whether the demo customers are in the database."""
    keys = [addresses.key(customer.email) for customer in CUSTOMERS]
    return Account.objects.filter(email_key__in=keys).exists()


def load(now: datetime) -> list[str]:
    """Create the demo customers; returns a line for each, with its password."""
    return [_create(customer, now - timedelta(days=40)) for customer in CUSTOMERS]


def _create(customer: DemoCustomer, now: datetime) -> str:
    password_hash, length_class = hash_password(customer.password)
    account = operations.create_opening(
        email=customer.email,
        password_hash=password_hash,
        length_class=length_class,
        country="FR",
        language=settings.LANGUAGE_CODE,
        act=Act.by_itself(now),
    )
    operations.open_with(
        account,
        kind=customer.kind,
        details=customer.details,
        handle=adopt(text=customer.handle, now=now),
        act=Act.by_itself(now),
    )
    if customer.recovery:
        RecoveryAddress.objects.create(
            account=account,
            address=customer.recovery,
            address_key=addresses.key(customer.recovery),
            at_creation=True,
            added_at=now,
            proven_at=now,
        )
        record(
            "recovery_address.proven",
            account_id=account.pk,
            act=Act.by_itself(now),
            address=customer.recovery,
        )
    return f"{customer.name}: {customer.handle}, password “{customer.password}”"
