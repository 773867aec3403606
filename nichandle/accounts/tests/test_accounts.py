"""Accounts: opened once, changed with a trace, recovery addresses proven."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection

from conftest import PERSON
from nichandle.accounts import demo, domains, operations, queries, recovery_addresses
from nichandle.accounts.forms import AddressField
from nichandle.accounts.models import Account, RecoveryAddress
from nichandle.audit import queries as ledger
from nichandle.limits.errors import Exhausted
from nichandle.outbox.models import Mail

pytestmark = pytest.mark.django_db


def begin(origin, now, email="diane@example.org") -> Account:
    return operations.create_opening(
        email=email,
        password_hash="x",
        length_class="long",
        country="FR",
        language="fr",
        origin=origin,
        now=now,
    )


def open_it(account, origin, now, **changes):
    values = {"kind": "individual", "details": PERSON, "recovery_address": None, **changes}
    return operations.open_account(account_id=account.pk, origin=origin, now=now, **values)


def acts(account) -> list[str]:
    return [entry.act for entry in ledger.entries_of(account.pk).rows][::-1]


def test_an_account_is_begun_without_identifier_and_opened_with_one(origin, now):
    account = begin(origin, now)
    assert account.handle is None

    opened = open_it(account, origin, now)

    account = queries.profile(account.pk)
    assert opened.new
    assert account.handle.text == opened.handle
    assert account.state == "active"
    assert account.name_folded == "mercier diane"
    assert acts(account) == ["account.created", "account.opened"]


def test_an_organisations_identifier_has_its_initials(origin, now):
    details = {**PERSON, "organisation": "Boulangerie Mercier"}
    opened = open_it(begin(origin, now), origin, now, kind="corporation", details=details)

    assert opened.handle.startswith("bm")


def test_opening_twice_changes_nothing(origin, now):
    account = begin(origin, now)
    first = open_it(account, origin, now)

    second = open_it(account, origin, now, details={**PERSON, "given_name": "Eve"})

    assert not second.new
    assert second.handle == first.handle
    assert queries.profile(account.pk).given_name == "Diane"


@pytest.mark.parametrize("other", ["DIANE@example.org", "diane@EXAMPLE.org"])
def test_one_address_belongs_to_one_account(origin, now, other):
    begin(origin, now)
    with pytest.raises(operations.AddressTaken):
        begin(origin, now, other)


@pytest.mark.django_db(transaction=True)
def test_simultaneous_openings_make_one_account(origin, now):
    account = begin(origin, now)

    def press(_number: int) -> str:
        try:
            return open_it(account, origin, now).handle
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
            begin(origin, now)
        except operations.AddressTaken:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(press, range(8)))

    assert sum(made) == 1
    assert Account.objects.count() == 1


def change(customer, origin, now, **details) -> bool:
    return operations.change_details(
        account_id=customer.account.pk, details=details, origin=origin, now=now
    )


def test_a_change_is_in_the_ledger_with_old_and_new_values(customer, origin, now):
    assert change(customer, origin, now, city="Roubaix", postcode="59100")

    entry = ledger.entries_of(customer.account.pk).rows[0]
    assert entry.act == "account.details_changed"
    assert ledger.details_of(entry)["changes"] == {
        "city": ["Lille", "Roubaix"],
        "postcode": ["59800", "59100"],
    }
    assert not Mail.objects.exists()


def test_a_change_of_name_is_told_by_mail_to_every_address(customer, origin, now):
    RecoveryAddress.objects.create(
        account=customer.account,
        address="spare@example.net",
        address_key="spare@example.net",
        added_at=now,
        proven_at=now,
    )
    change(customer, origin, now, family_name="Martin")

    told = Mail.objects.values_list("recipient", "template")
    assert set(told) == {
        (customer.email, "accounts/mail/details_changed"),
        ("spare@example.net", "accounts/mail/details_changed"),
    }


def test_changing_nothing_leaves_no_trace(customer, origin, now):
    before = acts(customer.account)
    assert not change(customer, origin, now, city="Lille")
    assert acts(customer.account) == before


@pytest.mark.parametrize("field", ["country", "handle", "email", "state"])
def test_identifier_country_and_address_are_not_details(customer, origin, now, field):
    with pytest.raises(operations.NotChangeable):
        change(customer, origin, now, **{field: "DE"})


def test_a_language_is_changed_with_a_trace(customer, origin, now):
    for _ in range(2):
        operations.set_language(
            account_id=customer.account.pk, language="fr", origin=origin, now=now
        )
    assert acts(customer.account).count("account.language_changed") == 1


@pytest.fixture
def waiting(origin, now, post):
    account = begin(origin, now)
    open_it(account, origin, now, recovery_address="spare@example.net")
    return account


def prove(account, code, origin, now):
    recovery_addresses.prove(account_id=account.pk, code=code, origin=origin, now=now)


def test_a_recovery_address_of_the_creation_is_established_at_once(waiting, origin, now, post):
    prove(waiting, post.code_to("spare@example.net"), origin, now)

    assert queries.recovery_addresses(waiting.pk)[0].established(now)


def test_one_proven_days_later_is_young_for_a_week(waiting, origin, now, post):
    later = now + timedelta(days=3)
    recovery_addresses.send_again(account_id=waiting.pk, origin=origin, now=later)
    prove(waiting, post.code_to("spare@example.net"), origin, later)

    recovery = queries.recovery_addresses(waiting.pk)[0]
    assert not recovery.established(later + timedelta(days=6))
    assert recovery.established(later + timedelta(days=7))


def test_a_recovery_code_lasts_a_day(waiting, origin, now, post):
    code = post.code_to("spare@example.net")
    with pytest.raises(recovery_addresses.RecoveryCodeExpired):
        prove(waiting, code, origin, now + timedelta(hours=24))


def test_ten_wrong_recovery_codes_a_day_are_counted_then_refused(waiting, origin, now, post):
    code = post.code_to("spare@example.net")
    for _ in range(10):
        with pytest.raises(recovery_addresses.RecoveryCodeWrong):
            prove(waiting, "BBBB-BBBB", origin, now)
    with pytest.raises(Exhausted):
        prove(waiting, code, origin, now)
    assert acts(waiting).count("recovery_address.code_wrong") == 10
    assert queries.unproven_recovery_address(waiting.pk) is not None


def test_proving_what_is_proven_says_so(waiting, origin, now, post):
    code = post.code_to("spare@example.net")
    prove(waiting, code, origin, now)
    with pytest.raises(recovery_addresses.NothingToProve):
        prove(waiting, code, origin, now)


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
