"""The services of the demo customers, with contacts as life mixes them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from nichandle.commerce.services.models import Service
from nichandle.commerce.services.operations import change_state, create, set_expiry
from nichandle.identity.accounts.demo import CUSTOMERS
from nichandle.identity.accounts.queries import by_address_key
from nichandle.platform.kernel import addresses

DIANE, BAKERY, CHOIR = (customer.email for customer in CUSTOMERS)


@dataclass(frozen=True, slots=True)
class DemoService:
    """One service: ``days`` until it expires, and who has which role besides its owner."""

    product: str
    name: str
    owner: str
    days: int
    months: int = 12
    contacts: dict[str, str] = field(default_factory=dict)
    renewal: str = Service.Renewal.AUTOMATIC
    state: str = Service.State.ACTIVE


RUN_BY_DIANE = {"administrator": DIANE, "technical": DIANE}
SERVICES = (
    DemoService("domain", "mercier.example", DIANE, 212),
    DemoService("mail", "courrier.mercier.example", DIANE, 18, months=1),
    DemoService("line", "Fibre 12 rue des Lilas", DIANE, 9, months=1),
    DemoService("domain", "boulangerie-mercier.example", BAKERY, 64, contacts=RUN_BY_DIANE),
    DemoService("hosting", "www.boulangerie-mercier.example", BAKERY, 64, contacts=RUN_BY_DIANE),
    DemoService("telephone", "+33 3 20 12 34 56", BAKERY, 12, months=1),
    DemoService(
        "server",
        "caisse.boulangerie-mercier.example",
        BAKERY,
        27,
        months=1,
        contacts={"technical": DIANE},
        renewal=Service.Renewal.MANUAL,
    ),
    DemoService("domain", "chorale-des-dunes.example", CHOIR, 131, contacts={"technical": DIANE}),
    DemoService(
        "hosting",
        "www.chorale-des-dunes.example",
        CHOIR,
        -5,
        contacts={"technical": DIANE, "billing": BAKERY},
        renewal=Service.Renewal.MANUAL,
        state=Service.State.SUSPENDED,
    ),
    DemoService(
        "domain",
        "concert-de-printemps.example",
        CHOIR,
        -200,
        contacts={"technical": DIANE},
        renewal=Service.Renewal.MANUAL,
        state=Service.State.TERMINATED,
    ),
)


def present() -> bool:
    """Tell whether the demo services are in the database."""
    return Service.objects.filter(name__in=[demo.name for demo in SERVICES]).exists()


def load(now: datetime) -> list[str]:
    """Create the demo services; there is nothing about them that a newcomer must know first."""
    people = {email: _account(email) for email in (DIANE, BAKERY, CHOIR)}
    for demo in SERVICES:
        _create(demo, people, now)
    return []


def _create(demo: DemoService, people: dict[str, UUID], now: datetime) -> None:
    begun = now - timedelta(days=38)
    service = create(
        product=demo.product,
        name=demo.name,
        account_id=people[demo.owner],
        contacts={role: people[email] for role, email in demo.contacts.items()},
        period_months=demo.months,
        renewal=demo.renewal,
        now=begun,
    )
    change_state(service_id=service.pk, state=Service.State.ACTIVE, now=begun)
    expiry = (now + timedelta(days=demo.days)).date()
    set_expiry(service_id=service.pk, expiry_date=expiry, now=begun + timedelta(hours=1))
    if demo.state != Service.State.ACTIVE:
        change_state(service_id=service.pk, state=demo.state, now=now - timedelta(days=2))


def _account(email: str) -> UUID:
    account = by_address_key(addresses.key(email))
    assert account is not None, email
    return account.pk
