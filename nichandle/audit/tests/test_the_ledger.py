"""Nothing can be changed, removed, inserted or cut off without showing."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from nichandle.audit import operations, queries
from nichandle.audit.models import Anchor, Entry, Head
from nichandle.kernel.database import is_postgresql

ACCOUNT = UUID("00000000-0000-4000-8000-000000000001")

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(origin, now) -> UUID:
    for number in range(3):
        operations.record(
            "account.details_changed",
            account_id=ACCOUNT,
            origin=origin,
            now=now + timedelta(minutes=number),
            changes={"city": ["Lille", f"Roubaix {number}"]},
        )
    return ACCOUNT


def tamper(sql: str, *parameters: object) -> None:
    """Do what somebody with the database in hand could do, guards switched off."""
    with connection.cursor() as cursor:
        if is_postgresql():
            cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        else:
            cursor.execute("DROP TRIGGER IF EXISTS audit_entry_unchanged")
        cursor.execute(sql, parameters)


def test_an_entry_tells_who_where_and_what(chain, origin):
    entry = queries.entries_of(chain).rows[0]

    told = queries.details_of(entry)
    assert told["ip"] == origin.ip
    assert told["browser"] == "Firefox 145, Linux"
    assert told["changes"] == {"city": ["Lille", "Roubaix 2"]}


def test_an_intact_ledger_holds(chain, capsys):
    assert list(queries.faults()) == []
    call_command("audit", "verify")
    assert "The ledger holds: 1 chains, 3 entries." in capsys.readouterr().out


def test_an_unlisted_act_is_a_bug(origin, now):
    with pytest.raises(KeyError):
        operations.record("account.teleported", account_id=ACCOUNT, origin=origin, now=now)


@pytest.mark.parametrize(
    ("sql", "number"),
    [
        ("UPDATE audit_entry SET act = 'account.opened' WHERE number = 2", 2),
        ("UPDATE audit_entry SET details = '{}' WHERE number = 1", 1),
        ("UPDATE audit_entry SET at = '2020-01-01 00:00:00+00:00' WHERE number = 3", 3),
        ("DELETE FROM audit_entry WHERE number = 2", 2),
        ("DELETE FROM audit_entry WHERE number = 3", 3),
        ("UPDATE audit_entry SET number = 4 WHERE number = 3", 3),
    ],
)
def test_whatever_is_changed_or_removed_shows(chain, sql, number):
    tamper(sql)

    (fault,) = queries.faults(chain)

    assert fault.number == number
    with pytest.raises(CommandError, match=f"entry {number}"):
        call_command("audit", "verify", account=chain)


def test_a_tail_cut_off_together_with_its_head_shows_against_the_anchor(chain, now, settings):
    made = operations.anchor(now=now)
    second = Entry.objects.get(number=2)
    tamper("DELETE FROM audit_entry WHERE number = 3")
    Head.objects.update(number=2, hash=second.hash)

    (fault,) = queries.faults()

    assert "cut off" in fault.reason
    file = settings.NICHANDLE_DATA / "anchors" / f"{made.day}.json"
    assert json.loads(file.read_text())["signature"] == made.signature


def test_a_changed_anchor_shows(chain, now):
    operations.anchor(now=now)
    Anchor.objects.update(heads="{}")

    assert any("was changed" in fault.reason for fault in queries.faults())


def test_an_anchor_is_made_once_a_day_and_holds_what_moved(chain, origin, now):
    evening = now + timedelta(hours=9)
    assert operations.anchor(now=evening) is not None
    assert operations.anchor(now=evening) is None
    other = uuid4()
    tomorrow = now + timedelta(days=1)
    operations.record("account.created", account_id=other, origin=origin, now=tomorrow)

    made = operations.anchor(now=tomorrow)

    assert list(json.loads(made.heads)) == [str(other)]


def test_details_are_erased_without_breaking_the_chain(chain, now):
    erased = operations.erase_details(account_id=chain, before=now + timedelta(minutes=1))

    assert erased == 1
    assert list(queries.faults()) == []
    assert queries.details_of(Entry.objects.get(number=1)) == {}


def test_the_database_itself_refuses_changes(chain):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Entry.objects.filter(number=1).update(act="account.opened")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Entry.objects.filter(number=1).update(details="{}")
    if is_postgresql():
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Entry.objects.filter(number=1).delete()


def test_recording_takes_three_statements_at_most(
    chain, origin, now, django_assert_max_num_queries
):
    # On PostgreSQL the two that write go in one message.
    with django_assert_max_num_queries(3) as seen:
        operations.record("account.created", account_id=chain, origin=origin, now=now)
    assert len(seen) == (2 if is_postgresql() else 3)


@pytest.mark.django_db(transaction=True)
def test_simultaneous_acts_make_one_chain_without_gap(origin, now):
    def act(_number: int) -> None:
        try:
            with transaction.atomic():
                operations.record("account.created", account_id=ACCOUNT, origin=origin, now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(40)))

    assert Head.objects.get(account_id=ACCOUNT).number == 40
    assert list(queries.faults(ACCOUNT)) == []
