"""Network rules: they keep strangers out and never the owner."""

import html
import re
from datetime import timedelta
from ipaddress import ip_network

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from nichandle.identity.factors.tests.authenticator import Authenticator
from nichandle.identity.notme.operations import mint
from nichandle.identity.pauses.operations import begin
from nichandle.identity.recovery.not_me import disown
from nichandle.identity.signin.models import NetworkPolicy, NetworkRule
from nichandle.identity.signin.recognition import networks
from nichandle.identity.signin.recognition.networks import Rule, judge
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.outbox.models import Mail
from tests.support.people import PASSWORD, app_code, set_up_app

pytestmark = pytest.mark.django_db
PAGE = "/account/security/networks"
HOME, ABROAD = "203.0.113.7", "198.51.100.9"


def rule(network: str, *, allowed: bool = True, notice: bool = False) -> Rule:
    return Rule(ip_network(network), allowed, notice)


@pytest.mark.parametrize(
    ("ip", "expected"),
    [
        ("203.0.113.7", True),
        ("203.0.113.66", False),
        ("203.0.114.1", False),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
        (None, False),
    ],
)
def test_the_narrowest_rule_decides_else_what_holds_for_others(ip, expected):
    rules = [
        rule("203.0.113.0/24"),
        rule("203.0.113.64/26", allowed=False),
        rule("2001:db8::/32"),
    ]

    assert judge(ip, rules, allow_others=False).allowed is expected


@given(st.ip_addresses(), st.lists(st.tuples(st.ip_addresses(), st.booleans()), max_size=6))
def test_an_address_of_ones_own_always_decides_for_itself(address, others):
    rules = [rule(str(ip), allowed=allowed) for ip, allowed in others if ip != address]

    assert judge(str(address), [*rules, rule(str(address))], allow_others=False).allowed
    assert not judge(
        str(address), [*rules, rule(str(address), allowed=False)], allow_others=True
    ).allowed


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_network_or_refused(text):
    try:
        networks._parsed(text)
    except networks.NotANetwork:
        return


def at(ip: str, browser: Client | None = None) -> Client:
    browser = browser or Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
    browser.defaults["REMOTE_ADDR"] = ip
    return browser


@pytest.fixture
def owner(customer):
    """The owner, at home, with rules that allow home alone."""
    browser = customer.sign_in(at(HOME, customer.browser))
    browser.post(PAGE, {"network": "203.0.113.0/24", "allowed": "yes"})
    browser.post(f"{PAGE}/others", {"others": "deny"})
    assert not NetworkPolicy.objects.get().allow_others
    return browser


def attempt(customer, browser):
    return browser.post("/signin", {"identifier": customer.handle, "password": PASSWORD})


def test_inside_the_rules_one_signs_in_as_ever(customer, owner):
    owner.post("/signout")

    assert attempt(customer, owner).headers["Location"] == "/area"


def test_outside_them_the_password_alone_opens_nothing_not_even_the_known_browser(customer, owner):
    owner.post("/signout")

    answer = attempt(customer, at(ABROAD, owner))

    assert answer.headers["Location"].startswith("/signin/code")
    assert owner.get("/area").status_code == 302


def test_a_mailed_code_suspends_them_for_a_day_and_all_are_told(customer, owner, post):
    """A changed address never locks the owner out."""
    owner.post("/signout")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        abroad = at(ABROAD, owner)
        attempt(customer, abroad)
        abroad.post("/signin/code", {"code": post.code_to(customer.email)})
        assert abroad.get("/area").status_code == 200
        assert Mail.objects.filter(template="signin/mail/rules_suspended").count() == 1
        assert "The rules rest until" in abroad.get(PAGE).content.decode()
        abroad.post("/signout")
        assert attempt(customer, abroad).headers["Location"] == "/area"
        abroad.post("/signout")
        clock.shift(timedelta(hours=24, seconds=1))
        assert attempt(customer, abroad).headers["Location"].startswith("/signin/code")


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        (PAGE, {"network": "203.0.113.0/24", "allowed": "no"}),
        (PAGE, {"network": "0.0.0.0/0", "allowed": "no"}),
        (f"{PAGE}/others", {"others": "deny"}),
    ],
)
def test_what_would_shut_out_the_present_session_is_refused(customer, path, sent):
    browser = customer.sign_in(at(HOME, customer.browser))

    answer = browser.post(path, sent, follow=True)

    assert "This would shut out the network you are in now." in answer.content.decode()
    assert not NetworkRule.objects.exists()


def test_the_last_rule_that_lets_one_in_cannot_be_removed(owner):
    which = NetworkRule.objects.get().pk

    answer = owner.post(f"{PAGE}/{which}/remove", follow=True)

    assert "This would shut out" in answer.content.decode()
    assert NetworkRule.objects.exists()


@pytest.mark.parametrize("typed", ["", "nonsense", "203.0.113.300", "203.0.113.0/99", "🦆"])
def test_what_is_no_network_is_said_and_stays_in_the_field(customer, typed):
    answer = customer.sign_in().post(PAGE, {"network": typed, "allowed": "yes"})

    assert answer.status_code == 422
    assert "Give an address such as" in answer.content.decode()


def test_the_same_network_twice_is_said(owner):
    answer = owner.post(PAGE, {"network": "203.0.113.99/24", "allowed": "yes"})

    assert "There is a rule for this network already" in answer.content.decode()


def test_fifty_are_enough(owner):
    policy = NetworkPolicy.objects.get()
    for number in range(49):
        policy.rules.create(
            network=f"10.0.{number}.0/24", allowed=True, notice=False, made_at=timezone.now()
        )

    answer = owner.post(PAGE, {"network": "10.1.0.0/16", "allowed": "yes"})

    assert "You have fifty rules" in answer.content.decode()


def test_a_rule_may_ask_for_word_of_its_sign_ins(customer, owner):
    owner.post(PAGE, {"network": HOME, "allowed": "yes", "notice": "on"})
    owner.post("/signout")
    Mail.objects.all().delete()

    attempt(customer, owner)

    assert Mail.objects.filter(template="signin/mail/new_place").count() == 1


def test_every_change_is_told(customer, owner):
    assert Mail.objects.filter(template="signin/mail/rules_changed").count() == 2


def test_a_pause_and_a_stale_session_change_none(customer, owner):
    begin(account_id=customer.account.pk, cause="change_undone", act=Act.by_itself(timezone.now()))
    assert owner.post(PAGE, {"network": "10.0.0.0/8", "allowed": "yes"}).status_code == 403
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        asked = owner.post(PAGE, {"network": "10.0.0.0/8", "allowed": "yes"})
        assert "Sign in again" in asked.content.decode()
    assert NetworkRule.objects.count() == 1


def test_rules_a_thief_has_set_go_with_a_word(customer, owner):
    since = timezone.now()
    networks.add_rule(
        account_id=customer.account.pk,
        network="192.0.2.0/24",
        allowed=True,
        notice=False,
        act=Act(Origin(HOME, ""), timezone.now()),
    )
    secret = mint(
        account_id=customer.account.pk,
        event="signin.succeeded",
        address=customer.email,
        event_at=since,
        now=timezone.now(),
    )
    disown(secret=secret, act=Act.by_itself(timezone.now()))

    rules = {row.network: row.rests for row in NetworkRule.objects.all()}
    assert rules == {"203.0.113.0/24": False, "192.0.2.0/24": True}
    assert NetworkPolicy.objects.get().suspended_until is None


@pytest.fixture
def neighbour(contact):
    """Somebody else with the same rules, at the same place: nothing that follows is theirs."""
    browser = contact.sign_in(at(HOME, contact.browser))
    browser.post(PAGE, {"network": "203.0.113.0/24", "allowed": "yes"})
    browser.post(PAGE, {"network": "10.0.0.0/8", "allowed": "yes"})
    browser.post(f"{PAGE}/others", {"others": "deny"})
    return contact


def networks_of(person) -> list[str]:
    return [row.network for row in networks.rules_of(person.account.pk)[1]]


def policy_of(person) -> NetworkPolicy:
    return NetworkPolicy.objects.get(account_id=person.account.pk)


def test_a_rule_added_is_told_and_stands_in_its_owners_ledger(customer, owner, neighbour):
    before = Mail.objects.filter(template="signin/mail/rules_changed").count()

    owner.post(PAGE, {"network": "192.0.2.0/24", "allowed": "no"})

    entry = next(iter(ledger.entries_of(customer.account.pk).rows))
    assert entry.act == "network_rules.added"
    assert ledger.details_of(entry)["network"] == "192.0.2.0/24"
    assert ledger.details_of(entry)["allowed"] is False
    assert networks_of(customer) == ["203.0.113.0/24", "192.0.2.0/24"]
    assert networks_of(neighbour) == ["203.0.113.0/24", "10.0.0.0/8"]
    told = Mail.objects.filter(template="signin/mail/rules_changed").order_by("pk")
    assert told.count() == before + 1
    assert told.last().recipient == customer.email


def test_a_rule_is_removed_and_no_other_with_it(customer, owner, neighbour):
    for network in ("192.0.2.0/24", "198.51.100.0/24"):
        owner.post(PAGE, {"network": network, "allowed": "yes"})
    which = NetworkRule.objects.get(network="192.0.2.0/24")
    before = Mail.objects.filter(template="signin/mail/rules_changed").count()

    answer = owner.post(f"{PAGE}/{which.pk}/remove")

    assert answer.headers["Location"] == PAGE
    assert networks_of(customer) == ["203.0.113.0/24", "198.51.100.0/24"]
    assert networks_of(neighbour) == ["203.0.113.0/24", "10.0.0.0/8"]
    entry = next(iter(ledger.entries_of(customer.account.pk).rows))
    assert entry.act == "network_rules.removed"
    assert ledger.details_of(entry)["network"] == "192.0.2.0/24"
    told = Mail.objects.filter(template="signin/mail/rules_changed").order_by("pk")
    assert told.count() == before + 1
    assert told.last().recipient == customer.email


def test_a_rule_removed_twice_is_told_once(customer, owner):
    owner.post(PAGE, {"network": "192.0.2.0/24", "allowed": "yes"})
    which = NetworkRule.objects.get(network="192.0.2.0/24").pk
    owner.post(f"{PAGE}/{which}/remove")
    told = Mail.objects.filter(template="signin/mail/rules_changed").count()

    assert owner.post(f"{PAGE}/{which}/remove").headers["Location"] == PAGE

    assert Mail.objects.filter(template="signin/mail/rules_changed").count() == told
    assert networks_of(customer) == ["203.0.113.0/24"]


def test_one_customers_sign_in_from_elsewhere_leaves_the_rules_of_others(
    customer, owner, neighbour, post
):
    owner.post("/signout")
    abroad = at(ABROAD, owner)
    attempt(customer, abroad)
    abroad.post("/signin/code", {"code": post.code_to(customer.email)})

    assert policy_of(customer).suspended_until is not None
    assert policy_of(neighbour).suspended_until is None
    entry = next(
        row
        for row in ledger.entries_of(customer.account.pk).rows
        if row.act.startswith("network_rules")
    )
    assert entry.act == "network_rules.suspended"


def test_the_rules_rest_for_a_day_to_the_second(customer, owner, post):
    owner.post("/signout")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        abroad = at(ABROAD, owner)
        attempt(customer, abroad)
        abroad.post("/signin/code", {"code": post.code_to(customer.email)})
        abroad.post("/signout")
        clock.shift(timedelta(hours=24) - timedelta(seconds=1))
        assert attempt(customer, abroad).headers["Location"] == "/area"
        abroad.post("/signout")
        clock.shift(timedelta(seconds=1))
        assert attempt(customer, abroad).headers["Location"].startswith("/signin/code")


def test_saying_again_what_holds_for_others_changes_and_tells_nothing(customer, owner):
    told = Mail.objects.filter(template="signin/mail/rules_changed").count()

    owner.post(f"{PAGE}/others", {"others": "deny"})

    assert Mail.objects.filter(template="signin/mail/rules_changed").count() == told


def test_what_holds_for_others_stands_in_the_ledger(customer, owner):
    owner.post(f"{PAGE}/others", {"others": "allow"})

    entry = next(iter(ledger.entries_of(customer.account.pk).rows))
    assert entry.act == "network_rules.default_changed"
    assert ledger.details_of(entry)["allowed"] is True


def test_one_rule_too_many_changes_nothing_and_the_fiftieth_is_taken(customer, owner):
    policy = policy_of(customer)
    for number in range(48):
        policy.rules.create(
            network=f"10.0.{number}.0/24", allowed=True, notice=False, made_at=timezone.now()
        )

    assert owner.post(PAGE, {"network": "10.1.0.0/16", "allowed": "yes"}).status_code == 302
    assert owner.post(PAGE, {"network": "10.2.0.0/16", "allowed": "yes"}).status_code == 422

    assert policy.rules.count() == 50


def thiefs_word(customer, since):
    """The owner disowns what was done then."""
    secret = mint(
        account_id=customer.account.pk,
        event="signin.succeeded",
        address=customer.email,
        event_at=since,
        now=timezone.now(),
    )
    disown(secret=secret, act=Act.by_itself(timezone.now()))


def test_a_thiefs_closed_door_opens_with_a_word_and_the_neighbours_stays(
    customer, owner, neighbour
):
    """What holds for others rests where it was set since the disowned act; set again, it holds."""
    since = timezone.now()
    at_home = Act(Origin(HOME, ""), timezone.now())
    networks.set_default(account_id=customer.account.pk, allow_others=True, act=at_home)
    networks.set_default(account_id=customer.account.pk, allow_others=False, act=at_home)
    thiefs_word(customer, since)

    away = Act(Origin(ABROAD, ""), timezone.now())
    assert networks.verdict(customer.account.pk, away).allowed
    assert not networks.verdict(neighbour.account.pk, away).allowed
    assert not policy_of(neighbour).default_rests
    assert not NetworkRule.objects.filter(rests=True).exists()
    acts = [row.act for row in ledger.entries_of(customer.account.pk).rows]
    assert "network_rules.suspended" in acts


def test_what_held_for_others_before_goes_on_holding(customer, owner):
    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
        thiefs_word(customer, timezone.now() - timedelta(seconds=1))

        away = Act(Origin(ABROAD, ""), timezone.now())
        assert not networks.verdict(customer.account.pk, away).allowed
        acts = [row.act for row in ledger.entries_of(customer.account.pk).rows]
        assert "network_rules.suspended" not in acts, "nothing rests, and nothing is said of it"


def test_anothers_rule_cannot_be_removed(owner, stranger):
    which = NetworkRule.objects.get().pk
    stranger.sign_in().post(f"{PAGE}/{which}/remove")

    assert NetworkRule.objects.filter(pk=which).exists()


@pytest.mark.parametrize("way", ["app", "passkey"])
def test_a_factor_suspends_them_too_and_every_address_is_told(customer, owner, way):
    now = timezone.now()
    for address in ("one@example.net", "two@example.net"):
        customer.account.recovery_addresses.create(
            address=address, address_key=address, added_at=now, proven_at=now
        )
    key, seed = Authenticator(), ""
    if way == "app":
        seed = set_up_app(customer, days_ago=30)[0]
    else:
        page = owner.get("/account/security/factors/key").content.decode()
        sent = {"name": "Key", "state": state_in(page), "response": key.register(options_in(page))}
        assert owner.post("/account/security/factors/key", sent).status_code == 200
    owner.post("/signout")
    abroad = at(ABROAD)

    if way == "app":
        assert attempt(customer, abroad).headers["Location"].startswith("/signin/factor")
        assert not Mail.objects.filter(template="signin/mail/rules_suspended").exists()
        answer = abroad.post("/signin/factor", {"method": "app", "code": app_code(seed)})
    else:
        page = abroad.get("/signin").content.decode()
        sent = {"state": state_in(page), "response": key.prove(options_in(page))}
        answer = abroad.post("/signin/passkey", sent)

    assert answer.headers["Location"] == "/area"
    assert NetworkPolicy.objects.get().suspended_until > now + timedelta(hours=23)
    told = Mail.objects.filter(template="signin/mail/rules_suspended")
    recipients = {customer.email, "one@example.net", "two@example.net"}
    assert {mail.recipient for mail in told} == recipients
    assert told.count() == 3


def state_in(page: str) -> str:
    found = re.search(r'name="state" value="([^"]+)"', page)
    assert found
    return found[1]


def options_in(page: str) -> str:
    found = re.search(r'data-key-options="([^"]+)"', page)
    assert found
    return html.unescape(found[1])
