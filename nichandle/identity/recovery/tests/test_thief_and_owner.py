"""A thief who reads one mailbox, an owner who reads another: nobody is shut out by a mailbox."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.cases.models import Case
from nichandle.identity.cases.review import reviewing
from nichandle.identity.notme.models import NotMeLink
from nichandle.identity.pauses import queries as pauses
from nichandle.identity.pauses.operations import AddressTooYoung, ask_to_shorten
from nichandle.identity.recovery import not_me
from nichandle.identity.signin.credentials.password import change_password
from nichandle.identity.signin.models import NetworkPolicy, Session
from nichandle.identity.signin.recognition import networks
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail
from tests.support.cases import make_reviewer
from tests.support.people import PASSWORD, app_code, set_up_app
from tests.support.post import text_of
from tests.support.worker import work

pytestmark = pytest.mark.django_db
SPARE = "spare@example.net"
WHO = {"HTTP_HOST": "localhost", "HTTP_ACCEPT_LANGUAGE": "en"}
OWNERS, THIEFS = "carafe violette sur le quai", "thieves like long phrases too"
NOT_ME, RESET = re.compile(r"/not-me/\S+"), re.compile(r"/password/new/\S+")


@dataclass
class Reader:
    """Somebody who reads one mailbox of the account, and nothing else."""

    customer: object
    post: object
    address: str
    browser: Client

    def link(self, pattern):
        """Return the link of that kind in the newest mail that has one."""
        self.post.deliver()
        texts = [text_of(mail) for to, mail in self.post.messages if to == self.address]
        found = [match[0] for text in texts if (match := pattern.search(text))]
        return found[-1] if found else None

    def says_not_me(self, link=None):
        return self.browser.post(link or self.link(NOT_ME), {"meaning": "not_me"})

    def sets_password(self, password):
        """Set a password by the lost-password page alone; tell whether it worked."""
        by_recovery = "on" if self.address == SPARE else ""
        before = self.link(RESET)
        given = {"typed": self.customer.handle, "by_recovery": by_recovery}
        self.browser.post("/password/lost", given)
        work()
        link = self.link(RESET)
        if link is None or link == before:
            return False
        return self.browser.post(link, {"password": password}).status_code == 302

    def enters(self, password):
        given = {"identifier": self.customer.handle, "password": password}
        answer = self.browser.post("/signin", given)
        return answer.headers.get("Location") == "/area"


@pytest.fixture
def readers(customer, post):
    """The reader of the primary mailbox, and that of the recovery address of a month ago."""
    proven = timezone.now() - timedelta(days=30)
    customer.account.recovery_addresses.create(
        address=SPARE, address_key=SPARE, added_at=proven, proven_at=proven
    )
    Account.objects.update(email_proven_at=proven)
    return [
        Reader(customer, post, address, Client(**WHO, HTTP_USER_AGENT=address))
        for address in (customer.email, SPARE)
    ]


def owner_changes_password(customer):
    """Any security mail brings links to every mailbox; this is one."""
    browser = customer.sign_in()
    change_password(
        account_id=customer.account.pk,
        current=PASSWORD,
        new=OWNERS,
        key=browser.cookies["session"].value,
        act=Act.by_itself(timezone.now()),
    )
    return browser


@pytest.mark.parametrize("thief", [0, 1], ids=["reads the primary", "reads the recovery address"])
@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=1, hours=1), timedelta(days=6)])
def test_whoever_reads_one_mailbox_does_not_shut_the_other_out(customer, readers, thief, later):
    bad, good = readers[thief], readers[1 - thief]
    owner_changes_password(customer)
    answer = bad.says_not_me()
    assert bad.browser.post(answer.headers["Location"], {"password": THIEFS}).status_code == 302
    assert bad.enters(THIEFS)

    with time_machine.travel(timezone.now() + later, tick=False):
        answer = good.says_not_me()

        assert answer.status_code == 302
        assert not Session.objects.exists()
        assert good.browser.post(answer.headers["Location"], {"password": PASSWORD[::-1]})
        assert good.enters(PASSWORD[::-1])
        assert not bad.enters(THIEFS)
    assert Case.objects.get().kind == "not_me"


@pytest.mark.parametrize("thief", [0, 1], ids=["reads the primary", "reads the recovery address"])
@pytest.mark.parametrize("days", [0, 1, 3, 8, 30])
def test_the_other_mailbox_sets_a_password_for_as_long_as_the_case_runs(
    customer, readers, thief, days
):
    """The lost-password page alone is enough, and nobody stops it."""
    bad, good = readers[thief], readers[1 - thief]
    owner_changes_password(customer)
    bad.says_not_me()

    with time_machine.travel(timezone.now() + timedelta(days=days), tick=False):
        assert bad.sets_password(THIEFS)
        assert good.sets_password(PASSWORD[::-1])
        told = Mail.objects.filter(template="signin/mail/password_changed").order_by("-pk")[:2]
        assert {mail.recipient for mail in told} == {customer.email, SPARE}
        assert good.enters(PASSWORD[::-1])
    assert not Mail.objects.filter(template="recovery/mail/reset_by_recovery").exists()


@pytest.mark.parametrize("which", [0, 1])
def test_no_link_goes_to_the_address_through_which_the_act_came(customer, readers, which):
    reader, other = readers[which], readers[1 - which]
    assert reader.sets_password(THIEFS)

    reader.post.deliver()
    assert reader.link(NOT_ME) is None
    assert other.link(NOT_ME)
    assert {link.address for link in NotMeLink.objects.all()} == {other.address}
    mail = Mail.objects.get(template="signin/mail/password_changed", recipient=reader.address)
    assert mail


def test_the_whole_story_of_the_recovery_mailbox(customer, readers):
    """Reset, disowned by its own mail, the owner's link used up for nothing: none of it works."""
    owner, thief = readers
    assert thief.sets_password(THIEFS)
    assert thief.link(NOT_ME) is None

    answer = owner.says_not_me()
    assert answer.status_code == 302
    assert owner.browser.post(answer.headers["Location"], {"password": OWNERS}).status_code == 302
    assert owner.enters(OWNERS)
    assert not thief.enters(THIEFS)

    # The thief may go on as long as the case runs, and so may the owner; each is told each time.
    assert thief.sets_password(f"{THIEFS} again")
    page = owner.says_not_me().content.decode()
    assert "has said so already" in page
    offered = re.search(r"/password/new/[^\"]+", page)
    assert offered
    assert owner.browser.post(offered[0], {"password": f"{OWNERS} encore"}).status_code == 302
    assert owner.enters(f"{OWNERS} encore")


def test_a_voided_password_is_refused_as_the_new_one(customer, readers):
    owner, _spare = readers
    customer.sign_in()
    customer.sign_in(Client(HTTP_HOST="localhost", HTTP_USER_AGENT="Elsewhere"))
    answer = owner.says_not_me()

    refused = owner.browser.post(answer.headers["Location"], {"password": PASSWORD})

    assert refused.status_code == 422
    assert "the password you have already" in refused.content.decode()
    assert owner.browser.post(answer.headers["Location"], {"password": OWNERS}).status_code == 302


def test_sensitive_acts_wait_for_the_case_whatever_mailbox_asks(customer, readers, origin):
    owner, _spare = readers
    owner_changes_password(customer)
    owner.says_not_me()
    later = timezone.now() + timedelta(days=90)
    account_id = customer.account.pk
    running = pauses.running(account_id, now=later)
    assert running
    assert running.held_by == Case.objects.get().number
    for address in (customer.email, SPARE):
        with pytest.raises(AddressTooYoung):
            ask_to_shorten(account_id=account_id, address=address, act=Act(origin, later))


@pytest.mark.parametrize(("days", "paused"), [(1, True), (6.9, True), (7.1, False)])
def test_the_pause_ends_with_the_decision_and_not_before_seven_days(
    customer, readers, days, paused
):
    reviewer = make_reviewer("Ada")
    owner, _spare = readers
    owner_changes_password(customer)
    said_at = timezone.now()
    owner.says_not_me()
    case = Case.objects.get()
    at = said_at + timedelta(days=days)
    reviewing.take(number=case.number, reviewer_id=reviewer.pk, now=at)
    reviewing.close(number=case.number, reviewer_id=reviewer.pk, words="called back", now=at)

    assert (pauses.running(customer.account.pk, now=at) is not None) == paused
    assert pauses.running(customer.account.pk, now=said_at + timedelta(days=8)) is None


def test_a_factor_older_than_the_event_settles_who_is_who(customer, readers):
    seed, _codes = set_up_app(customer, days_ago=30)
    owner, _spare = readers
    customer.sign_in(code=app_code(seed))
    customer.sign_in(
        Client(HTTP_HOST="localhost", HTTP_USER_AGENT="B"), code=app_code(seed, steps=1)
    )
    answer = owner.says_not_me()
    owner.browser.post(answer.headers["Location"], {"password": OWNERS})
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
        browser = customer.sign_in(owner.browser, code=app_code(seed), password=OWNERS)
        page = browser.get("/account/pause").content.decode()
        assert Case.objects.get().number in page
        assert "No mailbox ends this pause" in page
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=False):
        browser.post("/account/pause/factor", {"method": "app", "code": app_code(seed)})

        assert pauses.running(customer.account.pk, now=timezone.now()) is None
    assert Case.objects.get().state == "closed"


def test_links_of_several_addresses_add_up_to_one_case(customer, readers):
    owner, spare = readers
    owner_changes_password(customer)
    owner.says_not_me()
    spare.says_not_me()

    case = Case.objects.get()
    assert case.facts["said_by"] == ["di•••@example.org", "sp•••@example.net"]
    assert Mail.objects.filter(template="recovery/mail/secured").count() == 4


def test_once_the_case_is_decided_a_new_one_may_begin(customer, readers):
    reviewer, (owner, spare) = make_reviewer("Ada"), readers
    owner_changes_password(customer)
    link = owner.link(NOT_ME)
    owner.says_not_me()
    case = Case.objects.get()
    now = timezone.now()
    reviewing.take(number=case.number, reviewer_id=reviewer.pk, now=now)
    reviewing.close(number=case.number, reviewer_id=reviewer.pk, words="called back", now=now)
    assert owner.sets_password(PASSWORD[::-1])
    assert owner.browser.get(link).status_code == 410

    spare.says_not_me()

    assert Case.objects.count() == 2


def test_rules_set_since_rest_and_those_from_before_hold(customer, readers):
    now = timezone.now()
    act = Act.by_itself(now - timedelta(days=9))
    given = {"account_id": customer.account.pk, "allowed": True, "notice": False}
    networks.add_rule(network="203.0.113.0/24", **given, act=act)
    owner_changes_password(customer)
    owner, _spare = readers
    changed = owner.link(NOT_ME)
    networks.add_rule(network="198.51.100.0/24", **given, act=Act.by_itself(timezone.now()))

    owner.says_not_me(changed)

    rules = NetworkPolicy.objects.get().rules.order_by("made_at")
    assert [rule.rests for rule in rules] == [False, True]


def test_a_secret_nobody_has_is_refused(origin):
    with pytest.raises(not_me.NotMeLinkNotValid):
        not_me.disown(secret="x", act=Act(origin, timezone.now()))
