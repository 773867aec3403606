"""An account is begun with its address and opened with its identifier, once."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from nichandle.identity.accounts import (
    demo,
    domains,
    operations,
    queries,
)
from nichandle.identity.accounts.forms import AddressField
from nichandle.identity.accounts.models import FOLDED_LENGTH, Account, RecoveryAddress
from nichandle.identity.accounts.tests.beginning import acts, begin, open_it
from nichandle.platform.kernel.act import Act
from tests.support.people import PERSON

pytestmark = pytest.mark.django_db


def test_an_account_is_begun_without_identifier_and_opened_with_one(origin, now):
    account = begin(Act(origin, now))
    assert account.handle is None

    opened = open_it(account, Act(origin, now))

    account = queries.profile(account.pk)
    assert opened.new
    assert account.handle.text == opened.handle
    assert account.state == "active"
    assert account.name_folded == "mercier diane"
    assert acts(account) == ["account.created", "account.opened"]


def test_an_organisations_identifier_has_its_initials(origin, now):
    details = {**PERSON, "organisation": "Boulangerie Mercier"}
    opened = open_it(begin(Act(origin, now)), Act(origin, now), kind="corporation", details=details)

    assert opened.handle.startswith("bm")


def test_opening_twice_changes_nothing(origin, now):
    account = begin(Act(origin, now))
    first = open_it(account, Act(origin, now))

    second = open_it(account, Act(origin, now), details={**PERSON, "given_name": "Eve"})

    assert not second.new
    assert second.handle == first.handle
    assert queries.profile(account.pk).given_name == "Diane"


@pytest.mark.parametrize("other", ["DIANE@example.org", "diane@EXAMPLE.org"])
def test_one_address_belongs_to_one_account(origin, now, other):
    begin(Act(origin, now))
    with pytest.raises(operations.AddressTaken):
        begin(Act(origin, now), other)


@pytest.mark.django_db(transaction=True)
def test_simultaneous_openings_make_one_account(origin, now):
    account = begin(Act(origin, now))

    def press(_number: int) -> str:
        try:
            return open_it(account, Act(origin, now)).handle
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        handles = set(pool.map(press, range(8)))

    assert len(handles) == 1
    assert acts(account) == ["account.created", "account.opened"]


@pytest.mark.django_db(transaction=True)
def test_simultaneous_creations_for_one_address_make_one_account(origin, now):
    def press(_number: int) -> bool:
        try:
            begin(Act(origin, now))
        except operations.AddressTaken:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(press, range(8)))

    assert sum(made) == 1
    assert Account.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "family"), [("ß" * 80, "ﬃ" * 80), ("ﷺ" * 80, "㍿" * 80), ("É" * 80, "o\u0301" * 40)]
)
def test_names_that_grow_when_folded_still_fit(origin, now, given, family):
    account = begin(Act(origin, now))
    details = {**PERSON, "given_name": given, "family_name": family, "organisation": family * 2}
    open_it(account, Act(origin, now), kind="corporation", details=details)

    account = queries.profile(account.pk)
    assert account.given_name == given
    assert 0 < len(account.name_folded) <= FOLDED_LENGTH
    assert 0 < len(account.organisation_folded) <= FOLDED_LENGTH


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "asleep"},
        {"state": "opening"},
        {"kind": "robot"},
        {"kind": ""},
        {"password_length_class": "medium"},
        {"email_key": None},
        {"handle": None},
        {"opened_at": None},
    ],
)
def test_the_database_refuses_an_account_that_cannot_be(customer, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Account.objects.filter(pk=customer.account.pk).update(**wrong)


def test_the_accounts_of_an_address_are_found_in_two_statements(
    customer, contact, stranger, now, django_assert_num_queries
):
    for account, proven in [(contact.account, now), (stranger.account, None)]:
        RecoveryAddress.objects.create(
            account=account,
            address="diane@example.org",
            address_key="diane@example.org",
            added_at=now,
            proven_at=proven,
        )
    for address, found in [
        ("diane@example.org", {"diane@example.org": [customer.account, contact.account]}),
        ("paul@example.org", {"paul@example.org": [contact.account]}),
        ("nobody@example.org", {}),
    ]:
        with django_assert_num_queries(2):
            assert queries.accounts_of_address(address) == found


def test_disposable_domains_are_the_operators_choice(settings):
    with pytest.raises(ValidationError):
        AddressField().clean("a@sub.mailinator.com")
    settings.NICHANDLE_REFUSE_DISPOSABLE = False
    assert AddressField().clean("a@sub.mailinator.com") == "a@sub.mailinator.com"


def test_the_network_is_not_asked_unless_allowed():
    # No look-up: a domain that cannot exist is accepted by syntax alone.
    assert AddressField().clean("a@no-such-domain-at-all.example")


def test_an_address_on_ones_own_domain_is_noticed():
    assert domains.same_or_below("mail.mercier.example", ["mercier.example"])
    assert not domains.same_or_below("notmercier.example", ["mercier.example"])


def test_the_demo_customers_obey_the_rules(now):
    lines = demo.load(now)

    assert len(lines) == 3
    assert "dm429850-OVH" in lines[0]
    assert demo.present()


def test_the_operator_looks_at_an_account_by_any_spelling(customer, capsys):
    call_command("account", "show", customer.handle.upper(), json=True)
    assert json.loads(capsys.readouterr().out)["identifier"] == customer.handle
    with pytest.raises(CommandError, match="There is no account"):
        call_command("account", "show", "zz999999")
