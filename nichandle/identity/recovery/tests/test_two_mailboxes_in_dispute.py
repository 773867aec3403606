"""Once somebody has said "it was not me", a script on one mailbox keeps nobody else out."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.recovery.tests.test_not_me import link_to, press, recovery
from tests.support.post import text_of
from tests.support.worker import work

pytestmark = pytest.mark.django_db
RESET = re.compile(r"/password/new/[\w-]+")
SPARE = "spare@example.net"
THIEFS = "copper lamp near %d quiet trains"
OWNERS = "violet quay in %d small winters"


class Dispute:
    """A thief reads the primary mailbox, the owner an established recovery mailbox."""

    def __init__(self, customer, post) -> None:
        self.customer, self.post, self.passwords = customer, post, 0
        self.thief, self.owner = Client(), Client(REMOTE_ADDR="198.51.100.7")
        recovery(customer, SPARE, timedelta(days=60))
        Account.objects.update(email_proven_at=timezone.now() - timedelta(days=90))
        assert self.set(self.thief, self.ask(self.thief, customer.email)) == 302
        post.deliver()
        self.first = press(self.owner, link_to(post, SPARE)).headers["Location"]

    def ask(self, browser: Client, address: str) -> str:
        given = {"typed": self.customer.handle}
        if address == SPARE:
            given["by_recovery"] = "on"
        assert browser.post("/password/lost", given).status_code == 200
        work()
        return RESET.search(text_of(self.post.last_to(address)))[0]

    def set(self, browser: Client, link: str) -> int:
        self.passwords += 1
        words = THIEFS if browser is self.thief else OWNERS
        return browser.post(link, {"password": words % self.passwords}).status_code

    def owner_is_in(self) -> bool:
        given = {"identifier": self.customer.handle, "password": OWNERS % self.passwords}
        return self.owner.post("/signin", given).headers.get("Location") == "/area"


@pytest.fixture
def dispute(customer, post):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        made = Dispute(customer, post)
        made.clock = clock
        yield made


def test_a_password_set_through_one_voids_no_link_of_the_other(dispute):
    for _ in range(3):
        assert dispute.set(dispute.thief, dispute.ask(dispute.thief, dispute.customer.email)) == 302
        assert dispute.owner.get(dispute.first).status_code == 200

    assert dispute.set(dispute.owner, dispute.first) == 302
    assert dispute.owner_is_in()


def test_each_sets_three_a_day_so_that_a_script_does_not_have_the_last_word(dispute):
    links = [dispute.ask(dispute.thief, dispute.customer.email) for _ in range(1)]
    for _ in range(3):
        assert dispute.set(dispute.thief, links[-1]) == 302
        links.append(dispute.ask(dispute.thief, dispute.customer.email))
    answer = dispute.thief.post(links[-1], {"password": THIEFS % 999})
    assert answer.status_code == 429
    assert dispute.set(dispute.owner, dispute.first) == 302
    assert dispute.owner_is_in()
    assert dispute.set(dispute.thief, links[-1]) == 429, "the owner's stands"
    dispute.clock.shift(timedelta(hours=24, seconds=-1))
    assert dispute.set(dispute.thief, dispute.ask(dispute.thief, dispute.customer.email)) == 429
    dispute.clock.shift(timedelta(seconds=1))
    assert dispute.set(dispute.thief, dispute.ask(dispute.thief, dispute.customer.email)) == 302


def test_a_password_set_voids_the_links_of_its_own_address(dispute):
    first = dispute.ask(dispute.thief, dispute.customer.email)
    second = dispute.ask(dispute.thief, dispute.customer.email)

    assert dispute.set(dispute.thief, second) == 302
    assert dispute.thief.get(first).status_code == 410
