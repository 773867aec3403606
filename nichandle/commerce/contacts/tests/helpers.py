"""What the tests of this room share: the worker's round, tokens as mails carry them."""

import json
import re
from datetime import datetime

from django.utils import timezone

from nichandle.commerce.contacts.lifecycle import endings
from nichandle.commerce.contacts.models import Request
from nichandle.commerce.contacts.requests import answering, asking, effect, newcomers
from nichandle.commerce.services.models import Role, Service
from nichandle.identity.accounts.models import Account
from nichandle.identity.pauses import operations as pauses
from nichandle.platform.audit import queries as ledger
from nichandle.platform.jobs import operations as jobs
from nichandle.platform.jobs import registry
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.origin import NOWHERE, Origin
from nichandle.platform.outbox.models import SECRETS, Mail
from tests.support.people import Person

BROWSER = Origin("198.51.100.9", "Mozilla/5.0 Firefox/145.0")


def work(now: datetime | None = None) -> None:
    """Do what the worker does for this room; mails are left for the test to read."""
    moment = now or timezone.now()
    _do_jobs(moment)
    for each in (endings.lapse_due, newcomers.send_waiting, effect.go_on):
        while each(now=moment):
            pass
    _do_jobs(moment)


def _do_jobs(moment: datetime) -> None:
    while job := jobs.claim(worker="test", now=moment):
        if job.name in registry.TASKS:
            registry.TASKS[job.name](job.payload, now=moment)
        jobs.finish(job)


def ask(
    person: Person,
    services: list[Service] | Service,
    *,
    now: datetime | None = None,
    origin: Origin = NOWHERE,
    confirmed: bool = True,
    **named: str,
) -> list[Request]:
    """Ask, let the worker tell, and return the requests as they are then."""
    chosen = services if isinstance(services, list) else [services]
    moment = now or timezone.now()
    keys = asking.ask(
        account_id=person.account.pk,
        service_ids=[service.pk for service in chosen],
        named=named,
        act=Act(origin, moment),
        confirmed=confirmed,
    )
    work(moment)
    return list(Request.objects.filter(pk__in=keys).order_by("pk"))


def token(address: str, template: str = "") -> str:
    """Return the secret of the newest mail to an address."""
    rows = Mail.objects.filter(recipient=address, secrets__isnull=False)
    if template:
        rows = rows.filter(template=f"contacts/mail/{template}")
    mail = rows.order_by("pk").last()
    assert mail is not None, f"no mail with a secret to {address}"
    found: dict[str, str] = json.loads(tokens.unseal(str(mail.secrets), SECRETS))
    return found.get("secret") or found["dispute"]


def holder(service: Service, role: str) -> object:
    return Role.objects.get(service=service, role=role).account_id


def state(request: Request) -> str:
    return str(Request.objects.values_list("state", flat=True).get(pk=request.pk))


def acts(person: Person) -> list[str]:
    return [entry.act for entry in ledger.entries_of(person.account.pk).rows]


def told(template: str) -> list[str]:
    rows = Mail.objects.filter(template=f"contacts/mail/{template}")
    return sorted(rows.values_list("recipient", flat=True))


def accept(person, request, secret="", *, terms=True, now=None):
    return answering.accept(
        account_id=person.account.pk,
        request_id=request.pk,
        token=secret,
        terms=terms,
        act=Act(BROWSER, now or timezone.now()),
    )


def refuse(person, request):
    answering.refuse(
        account_id=person.account.pk, request_id=request.pk, act=Act.by_itself(timezone.now())
    )


def resend(person, request):
    answering.resend(
        account_id=person.account.pk, request_id=request.pk, act=Act.by_itself(timezone.now())
    )
    work()


def both(asker, newcomer, request):
    accept(asker, request, token(asker.email, "confirm"))
    accept(newcomer, request)


def pause(person, now=None, cause="change_undone"):
    pauses.begin(account_id=person.account.pk, cause=cause, act=Act(NOWHERE, now or timezone.now()))


def freeze(person, to="frozen"):
    Account.objects.filter(pk=person.account.pk).update(state=to)


def words(page) -> str:
    """Return what is read on a page, identifiers in one piece."""
    return re.sub(r"<[^>]+>", "", page.content.decode())
