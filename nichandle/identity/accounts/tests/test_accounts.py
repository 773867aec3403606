"""Accounts: opened once, changed with a trace, recovery addresses proven."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from nichandle.identity.accounts import (
    demo,
    domains,
    operations,
    passwords,
    queries,
    recovery_addresses,
)
from nichandle.identity.accounts.forms import AddressField
from nichandle.identity.accounts.hashers import Argon2
from nichandle.identity.accounts.models import FOLDED_LENGTH, Account, RecoveryAddress
from nichandle.platform.audit import queries as ledger
from nichandle.platform.limits.errors import Exhausted
from nichandle.platform.outbox.models import Mail
from tests.support.people import PASSWORD, PERSON
from tests.support.post import text_of

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


@pytest.mark.parametrize(
    ("given", "family"), [("ß" * 80, "ﬃ" * 80), ("ﷺ" * 80, "㍿" * 80), ("É" * 80, "o\u0301" * 40)]
)
def test_names_that_grow_when_folded_still_fit(origin, now, given, family):
    account = begin(origin, now)
    details = {**PERSON, "given_name": given, "family_name": family, "organisation": family * 2}
    open_it(account, origin, now, kind="corporation", details=details)

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


def test_a_change_of_the_number_called_back_is_told_by_mail(customer, origin, now, post):
    operations.set_language(account_id=customer.account.pk, language="fr", origin=origin, now=now)
    change(customer, origin, now, phone="+33698765432", family_name="L’Hôte", city="Roubaix")

    mail = post.last_to(customer.email)
    assert customer.handle in mail["Subject"]
    text = text_of(mail)
    assert "    Nom\n    Ville\n    Téléphone\n" in text
    # Neither the old nor the new number: a recovery mailbox may be somebody else's.
    assert "33698765432" not in mail.as_string()
    assert "33612345678" not in mail.as_string()


def test_a_hash_is_renewed_unless_the_password_changed_meanwhile(customer):
    old = "argon2$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$3F6cCYBmYLIkJYHJKbPvhw"
    row = Account.objects.filter(pk=customer.account.pk)
    row.update(password=old)
    operations.renew_hash(account_id=customer.account.pk, password=PASSWORD, before="another")
    assert row.get().password == old

    operations.renew_hash(account_id=customer.account.pk, password=PASSWORD, before=old)
    assert passwords.verify(PASSWORD, row.get().password)
    assert not passwords.outdated(row.get().password)


def test_signing_in_renews_a_hash_made_with_other_parameters(customer):
    class Lighter(Argon2):
        memory_cost = 1024

    row = Account.objects.filter(pk=customer.account.pk)
    row.update(password=Lighter().encode(PASSWORD, "saltsaltsaltsaltsaltsa"))
    customer.sign_in()
    renewed = row.get().password
    assert not passwords.outdated(renewed)

    customer.sign_in()
    assert row.get().password == renewed


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


@pytest.mark.django_db(transaction=True)
def test_changes_at_the_same_moment_are_a_chain_in_the_ledger(origin, now):
    account = begin(origin, now)
    open_it(account, origin, now)

    def move(number: int) -> None:
        try:
            operations.change_details(
                account_id=account.pk, details={"city": f"City {number}"}, origin=origin, now=now
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(move, range(6)))

    rows = [row for row in ledger.entries_of(account.pk).rows if "details" in row.act][::-1]
    steps = [ledger.details_of(row)["changes"]["city"] for row in rows]
    assert len(steps) == 6
    assert [before for before, _after in steps[1:]] == [after for _before, after in steps[:-1]]
    assert queries.profile(account.pk).city == steps[-1][1]


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
    day = timedelta(hours=24)
    for typed in (code, "BBBB-BBBB"):
        with pytest.raises(recovery_addresses.RecoveryCodeExpired):
            prove(waiting, typed, origin, now + day)
    assert "recovery_address.code_wrong" not in acts(waiting)

    prove(waiting, code, origin, now + day - timedelta(seconds=1))
    assert "recovery_address.proven" in acts(waiting)


def test_ten_wrong_recovery_codes_a_day_are_counted_then_refused(waiting, origin, now, post):
    code = post.code_to("spare@example.net")
    for _ in range(10):
        with pytest.raises(recovery_addresses.RecoveryCodeWrong):
            prove(waiting, "BBBB-BBBB", origin, now)
    with pytest.raises(Exhausted):
        prove(waiting, code, origin, now)
    assert acts(waiting).count("recovery_address.code_wrong") == 10
    assert recovery_addresses.waiting_since_creation(waiting.pk, now=now)


def test_an_address_is_not_flooded_with_codes_by_many_new_accounts(origin, now):
    def named_by(number: int):
        account = begin(origin, now, f"customer{number}@example.org")
        return account, open_it(account, origin, now, recovery_address="victim@example.net")

    for number in range(4):
        named_by(number)
    with pytest.raises(recovery_addresses.MailedOften) as refusal:
        named_by(4)

    assert refusal.value.field == "recovery_address"
    assert Mail.objects.filter(recipient="victim@example.net").count() == 4
    unopened = queries.by_address_key("customer4@example.org")
    assert unopened.state == "opening"
    assert open_it(unopened, origin, now).new


def test_a_code_is_sent_again_three_times(waiting, origin, now):
    for _ in range(3):
        recovery_addresses.send_again(account_id=waiting.pk, origin=origin, now=now)
    with pytest.raises(Exhausted):
        recovery_addresses.send_again(account_id=waiting.pk, origin=origin, now=now)
    assert Mail.objects.filter(recipient="spare@example.net").count() == 4


def test_a_newer_code_voids_the_one_before(waiting, origin, now, post):
    first = post.code_to("spare@example.net")
    recovery_addresses.send_again(account_id=waiting.pk, origin=origin, now=now)
    second = post.code_to("spare@example.net")

    with pytest.raises(recovery_addresses.RecoveryCodeWrong):
        prove(waiting, first, origin, now)
    prove(waiting, second, origin, now)


def test_a_code_of_one_account_proves_nothing_in_another(waiting, origin, now, post):
    code = post.code_to("spare@example.net")
    other = begin(origin, now, "paul@example.org")
    open_it(other, origin, now, recovery_address="spare@example.net")

    with pytest.raises(recovery_addresses.RecoveryCodeWrong):
        prove(other, code, origin, now)


def test_a_recovery_address_is_never_the_primary_one_in_another_spelling(origin, now):
    account = begin(origin, now)
    with pytest.raises(recovery_addresses.SameAsPrimary):
        open_it(account, origin, now, recovery_address="DIANE@Example.ORG")
    assert queries.profile(account.pk).state == "opening"
    assert not Mail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_code_entered_twice_at_once_proves_once(origin, now, post):
    account = begin(origin, now)
    open_it(account, origin, now, recovery_address="spare@example.net")
    code = post.code_to("spare@example.net")

    def press(_number: int) -> str:
        try:
            prove(account, code, origin, now)
        except recovery_addresses.NothingToProve:
            return "nothing left"
        finally:
            connection.close()
        return "proven"

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(press, range(6)))

    assert answers.count("proven") == 1
    assert acts(account).count("recovery_address.proven") == 1
    assert Mail.objects.filter(template="accounts/mail/recovery_proven").count() == 2


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
