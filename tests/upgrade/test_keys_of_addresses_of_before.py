"""Keys of addresses, as commits before wrote them, become what they are today; none is lost."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.utils import timezone

from nichandle.commerce.contacts.models import Request
from nichandle.config import cli
from nichandle.identity.accounts.models import Account, AddressReservation, RecoveryAddress
from nichandle.identity.cases.models import Case
from nichandle.identity.emailchange.models import Change
from nichandle.identity.signup.models import Creation
from nichandle.identity.staff.models import StaffMember
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.fields import FoldedField
from nichandle.platform.kernel.upgrades import address_keys
from tests.support.people import make_person

pytestmark = pytest.mark.django_db
STEPS = [
    ("identity.accounts", "0006"),
    ("identity.signup", "0002"),
    ("identity.cases", "0002"),
    ("identity.emailchange", "0004"),
    ("commerce.contacts", "0008"),
]
SHARP, SIGMA = "Max.Straße@faß.example", "οδος@οδος.example"
COLUMNS = {
    "accounts.Account.email_key": "email",
    "accounts.RecoveryAddress.address_key": "address",
    "accounts.AddressReservation.address_key": "",
    "cases.Case.new_key": "new_address",
    "staff.StaffMember.email_key": "email",
    "contacts.Request.newcomer_key": "named",
    "emailchange.Change.new_key": "new_address",
    "signup.Creation.address_key": "address",
}
BY_TODAYS_KEY = {"invoices.InvoiceCopy.address_key"}
"""Of tables that are younger than today's keys."""


class OfBefore:
    """The models of today by the names that migrations of before know them by."""

    def get_model(self, room: str, name: str):
        moved = {("cases", "Reviewer"): ("staff", "StaffMember")}
        return apps.get_model(*moved.get((room, name), (room, name)))


def run(direction: str, *only: str) -> None:
    for room, number in STEPS:
        if only and room not in only:
            continue
        name = f"nichandle.{room}.migrations.{number}_keys_of_addresses"
        getattr(import_module(name), direction)(OfBefore(), None)


def keys() -> dict[str, list[str]]:
    found = {}
    for column in COLUMNS:
        label, _dot, name = column.rpartition(".")
        model = apps.get_model(label)
        found[column] = sorted(model.objects.values_list(name, flat=True))
    return found


@pytest.fixture
def filled():
    """A row for every column that keeps a key, with keys as commits before made them."""
    person, now = make_person("diane@example.org"), timezone.now()
    account = person.account
    Account.objects.filter(pk=account.pk).update(email=SHARP, email_key=address_keys.before(SHARP))
    old, key = SIGMA, address_keys.before(SIGMA)
    RecoveryAddress.objects.create(account=account, address=old, address_key=key, added_at=now)
    AddressReservation.objects.create(account=account, address_key=key, until=now)
    Creation.objects.create(
        secret_digest="x", address=old, address_key=key, code_expires_at=now, created_at=now
    )
    Change.objects.create(
        account=account,
        old_address=old,
        old_proven_at=now,
        new_address=SHARP,
        new_key=address_keys.before(SHARP),
        asked_at=now,
        lapses_at=now + timedelta(days=1),
    )
    Case.objects.create(number="D-1", new_address=old, new_key=key, created_at=now)
    StaffMember.objects.create(name="Claire", email=old, email_key=key, created_at=now)
    Request.objects.create(
        state="todo",
        asker=account,
        from_account=account,
        named=SHARP,
        newcomer_key=address_keys.before(SHARP),
        asked_at=now,
        expires_at=now,
    )
    return account


def test_every_column_that_may_keep_a_key_of_an_address_is_known():
    """A new one is written by today's key; this list says where older rows had to be mended."""
    found = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, FoldedField) and field.max_length == 254
    }

    assert found == set(COLUMNS) | BY_TODAYS_KEY


def test_every_key_is_renewed_and_can_be_had_back(filled):
    before = keys()
    assert before["accounts.Account.email_key"] == ["max.strasse@fass.example"]

    run("to_today")
    for column, address in COLUMNS.items():
        model = apps.get_model(column.rpartition(".")[0])
        for row in model.objects.all():
            wanted = addresses.key(getattr(row, address) if address else SIGMA)
            assert getattr(row, column.rpartition(".")[2]) == wanted, column
    assert keys() != before

    run("to_today")
    run("as_before")
    assert keys() == before


def test_two_addresses_that_were_one_live_side_by_side(filled):
    run("to_today")

    twin = make_person("max.strasse@fass.example")

    assert twin.account.email_key == "max.strasse@fass.example"
    filled.refresh_from_db()
    assert filled.email_key == "max.straße@xn--fa-hia.example"


def test_who_would_be_one_today_is_named_and_nothing_is_changed(filled):
    other = make_person("paul@example.org").account
    Account.objects.filter(pk=other.pk).update(email="MAX.straße@faß.example")
    before = keys()

    with pytest.raises(address_keys.KeysCollide) as refusal:
        run("to_today", "identity.accounts")

    assert str(other.pk) in str(refusal.value)
    assert str(filled.pk) in str(refusal.value)
    assert keys() == before


def test_an_address_that_cannot_be_encoded_is_named_and_nothing_is_changed(filled):
    other = make_person("paul@example.org").account
    Account.objects.filter(pk=other.pk).update(email="paul@\N{GRINNING FACE}.example")
    before = keys()

    with pytest.raises(address_keys.AddressCannotBeEncoded) as refusal:
        run("to_today", "identity.accounts")

    assert str(other.pk) in str(refusal.value)
    assert keys() == before


def test_a_key_that_another_row_still_has_can_be_written(filled):
    other = make_person("paul@example.org").account
    Account.objects.filter(pk=other.pk).update(
        email="é@example.org", email_key=addresses.key(SHARP)
    )

    run("to_today", "identity.accounts")

    other.refresh_from_db()
    filled.refresh_from_db()
    assert (other.email_key, filled.email_key) == ("é@example.org", addresses.key(SHARP))


def test_many_rows_take_few_statements(filled, django_assert_max_num_queries):
    now = timezone.now()
    Creation.objects.bulk_create(
        Creation(
            secret_digest=str(number),
            address=f"ß{number}@example.org",
            address_key=f"ss{number}@example.org",
            code_expires_at=now,
            created_at=now,
        )
        for number in range(1200)
    )

    with django_assert_max_num_queries(20):
        run("to_today", "identity.signup")

    assert not Creation.objects.filter(address_key__startswith="ss").exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_command_says_a_sentence_and_ends_with_1(monkeypatch, capsys):
    try:
        call_command("migrate", "accounts", "0005", verbosity=0)
        first, second = make_person("paul@example.org"), make_person("lea@example.org")
        rows = Account.objects.filter(pk__in=[first.account.pk, second.account.pk])
        rows.update(email="é@example.org")
        monkeypatch.setattr("sys.argv", ["nichandle", "migrate", "--verbosity", "0"])

        with pytest.raises(SystemExit) as end:
            cli.main()

        assert end.value.code == 1
        said = capsys.readouterr().err
        assert said.startswith("nichandle: Table accounts.Account stays as it is: its rows ")
        assert sorted(rows.values_list("email_key", flat=True)) == [
            "lea@example.org",
            "paul@example.org",
        ]
    finally:
        # What hangs from an account has its tables only once all is migrated.
        Account.objects.update(email=F("email_key"))
        connection.close()
        call_command("migrate", verbosity=0)
        Account.objects.all().delete()
