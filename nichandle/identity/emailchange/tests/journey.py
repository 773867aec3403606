"""One account's change of address through the pages and the mails, and the clock it goes by."""

import re
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.emailchange.jobs import due
from nichandle.identity.emailchange.models import Change
from nichandle.platform.jobs.registry import never
from nichandle.platform.outbox import operations
from nichandle.platform.outbox.models import Mail
from tests.support.post import CODE, text_of
from tests.support.worker import work

NEW = "diane@new.example"
SPARE = "spare@example.net"
PROOF, VETO, UNDO = (re.compile(rf"/change/{kind}/\S+") for kind in ("proof", "veto", "undo"))
REFUSE_IT, UNDO_IT = {"meaning": "refuse"}, {"meaning": "undo"}


class Journey:
    """One account's change, and the clock it goes by."""

    def __init__(self, customer, post, clock) -> None:
        self.customer, self.post, self.clock = customer, post, clock
        self.browser = customer.sign_in()
        self.visitor = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")

    def ask(self, address: str = NEW, *, deliver: bool = True):
        answer = self.browser.post("/account/address", {"address": address})
        if deliver:
            self.deliver()
        return answer

    def deliver(self) -> None:
        """Let the worker do its jobs, and the mail server take what waits."""
        work(timezone.now())
        self.post.deliver()

    def wait(self, **much: float) -> None:
        """Let time go by in steps, the worker and the mail server at work."""
        end = timezone.now() + timedelta(**much)
        # A worker that does not look for an hour counts as away.
        step = timedelta(minutes=30 if timedelta(**much) <= timedelta(days=1.5) else 59)
        while timezone.now() < end:
            self.clock.shift(min(step, end - timezone.now()))
            due(timezone.now, never)
            self.deliver()

    def link(self, pattern: re.Pattern[str], address: str) -> str:
        return self.found(pattern, address)

    def found(self, pattern: re.Pattern[str], address: str) -> str:
        """Return what the newest mail to an address that has such a thing says."""
        self.deliver()
        for recipient, message in reversed(self.post.messages):
            found = pattern.search(text_of(message)) if recipient == address else None
            if found:
                return found[0]
        raise AssertionError(f"nothing like it was mailed to {address}")

    def prove(self, address: str = NEW):
        answer = self.browser.post(self.link(PROOF, address))
        self.deliver()
        return answer

    def code(self, address: str) -> str:
        return self.found(CODE, address)

    @property
    def email(self) -> str:
        return Account.objects.get(pk=self.customer.account.pk).email

    @property
    def state(self) -> str:
        return Change.objects.filter(account=self.customer.account).latest("pk").state

    def subjects(self, address: str) -> list[str]:
        self.deliver()
        return [str(message["Subject"]) for to, message in self.post.messages if to == address]


def recovery(customer, address=SPARE, age=timedelta(days=30)):
    proven = timezone.now() - age
    return customer.account.recovery_addresses.create(
        address=address, address_key=address, added_at=proven, proven_at=proven
    )


def bounce(address: str) -> None:
    """The mail server refuses what waits for an address, for good."""
    for mail in Mail.objects.filter(recipient=address, state="queued"):
        operations.refuse(mail, error="550 no such user", now=timezone.now())


def changed_by_code(journey, address: str) -> str:
    """Change by code, and return the undo of that change."""
    before = journey.email
    journey.browser.post("/account/address", {"address": address})
    journey.prove(address)
    journey.browser.post("/account/address/code", {"code": journey.code(before)})
    assert journey.email == address
    return journey.link(UNDO, before)


def shown(journey, path: str = "/account/address") -> str:
    return re.sub(r"\s+", " ", signed_in_anew(journey).get(path).content.decode())


def signed_in_anew(journey) -> Client:
    return journey.customer.sign_in(Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en"))


NOT_ME = re.compile(r"/not-me/[^\"\s]+")


def newest(journey, address: str, part: str) -> str:
    journey.deliver()
    texts = [
        text_of(message)
        for to, message in journey.post.messages
        if to == address and part in str(message["Subject"])
    ]
    return texts[-1]
