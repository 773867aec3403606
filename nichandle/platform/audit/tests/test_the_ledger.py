"""Nothing can be changed, removed, inserted or cut off without showing."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from nichandle.platform.audit import operations, queries
from nichandle.platform.audit.models import Anchor, Entry, Head
from nichandle.platform.audit.tests.tampering import tamper
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import is_postgresql, stored_uuid

ACCOUNT = UUID("00000000-0000-4000-8000-000000000001")

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(origin, now) -> UUID:
    for number in range(3):
        operations.record(
            "account.details_changed",
            account_id=ACCOUNT,
            act=Act(origin, now + timedelta(minutes=number)),
            changes={"city": ["Lille", f"Roubaix {number}"]},
        )
    return ACCOUNT


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path) -> None:
    settings.NICHANDLE_DATA = tmp_path


def faults(account_id: UUID | None = None) -> list[queries.Fault]:
    return list(queries.faults(account_id, copies=settings.NICHANDLE_DATA / "anchors"))


def test_an_entry_tells_who_where_and_what(chain, origin):
    entry = queries.entries_of(chain).rows[0]

    told = queries.details_of(entry)
    assert told["ip"] == origin.ip
    assert told["browser"] == "Firefox 145, Linux"
    assert told["changes"] == {"city": ["Lille", "Roubaix 2"]}


def test_an_intact_ledger_holds(chain, capsys):
    assert faults() == []
    call_command("audit", "verify")
    assert "The ledger holds: 1 chains, 3 entries." in capsys.readouterr().out


def test_an_unlisted_act_is_a_bug(origin, now):
    with pytest.raises(KeyError):
        operations.record("account.teleported", account_id=ACCOUNT, act=Act(origin, now))


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

    (fault,) = faults(chain)

    assert fault.number == number
    with pytest.raises(CommandError, match=f"entry {number}"):
        call_command("audit", "verify", account=chain)


def cut_tail() -> None:
    """Remove the last entry and set the head back, as somebody careful would."""
    second = Entry.objects.get(number=2)
    tamper("DELETE FROM audit_entry WHERE number = 3")
    Head.objects.update(number=2, hash=second.hash)


def test_a_tail_cut_off_together_with_its_head_shows_against_the_anchor(chain, now):
    operations.anchor(now=now)
    cut_tail()

    (fault,) = faults()

    assert (fault.account_id, fault.number) == (chain, 3)
    assert "cut off" in fault.reason
    with pytest.raises(CommandError, match=f"{chain}, entry 3: cut off since the anchor"):
        call_command("audit", "verify")


def test_a_tail_cut_off_together_with_its_anchor_shows_against_the_file(chain, now, tmp_path):
    operations.anchor(now=now)
    elsewhere = tmp_path / "kept elsewhere"
    shutil.copytree(tmp_path / "anchors", elsewhere)
    cut_tail()
    Anchor.objects.all().delete()
    for file in (tmp_path / "anchors").iterdir():
        file.unlink()

    assert faults() == []
    lost, cut = queries.faults(copies=elsewhere)
    assert "lost the anchor" in lost.reason
    assert (cut.account_id, cut.number) == (chain, 3)
    with pytest.raises(CommandError, match="lost the anchor"):
        call_command("audit", "verify", anchors=elsewhere)


@pytest.mark.parametrize("day", [0, 1, 2])
def test_an_anchor_taken_out_shows(chain, now, day):
    for days in range(3):
        operations.anchor(now=now + timedelta(days=days))
    Anchor.objects.filter(day=now.date() + timedelta(days=day)).delete()

    assert faults()


@pytest.mark.parametrize("change", [{"heads": "{}"}, {"part": 1}, {"signature": "0" * 64}])
def test_a_changed_anchor_shows(chain, now, change):
    operations.anchor(now=now)
    Anchor.objects.update(**change)

    assert any("was changed" in fault.reason for fault in faults())


def test_a_damaged_file_shows(chain, now, tmp_path):
    operations.anchor(now=now)
    (tmp_path / "anchors" / f"{now.date()}.jsonl").write_text('{"day": "2026')

    assert [fault.reason for fault in faults()] == [f"the file {now.date()}.jsonl is damaged"]


def test_anchors_signed_with_a_former_secret_hold_while_it_is_listed(chain, now, settings):
    operations.anchor(now=now)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the secret that replaces it"
    assert faults() == []

    settings.SECRET_KEY_FALLBACKS = []
    assert faults()


def test_an_anchor_is_made_once_a_day_and_holds_what_moved(chain, origin, now):
    evening = (now + timedelta(days=1)).replace(hour=18)
    assert len(operations.anchor(now=evening)) == 1
    assert operations.anchor(now=evening) == []
    other = uuid4()
    tomorrow = evening + timedelta(days=1)
    operations.record("account.created", account_id=other, act=Act(origin, tomorrow))

    (made,) = operations.anchor(now=tomorrow)

    assert list(json.loads(made.heads)) == [str(other)]
    assert faults() == []


def test_many_heads_are_anchored_in_parts_and_each_is_proven(origin, now, monkeypatch):
    monkeypatch.setattr(operations, "HEADS_IN_A_PART", 2)
    monkeypatch.setattr(queries, "CHAINS_AT_ONCE", 2)
    monkeypatch.setattr(queries, "HEADS_AT_ONCE", 1)
    accounts = [uuid4() for _ in range(5)]
    for account in accounts:
        operations.record("account.created", account_id=account, act=Act(origin, now))
    made = operations.anchor(now=now)

    assert [len(json.loads(part.heads)) for part in made] == [2, 2, 1]
    assert faults() == []
    tamper("DELETE FROM audit_entry WHERE account_id = %s", stored_uuid(accounts[3]))
    assert {fault.account_id for fault in faults()} == {accounts[3]}


@pytest.mark.parametrize("hour", [0, 12, 23])
def test_a_day_whose_file_was_not_written_gets_it_with_the_next_round(chain, now, tmp_path, hour):
    at = now.replace(hour=hour, minute=30)
    operations.anchor(now=at)
    file = tmp_path / "anchors" / f"{at.date()}.jsonl"
    written = file.read_text()
    file.unlink()

    operations.anchor(now=at + timedelta(hours=1))

    assert file.read_text() == written


def test_a_head_set_back_or_lost_shows(chain):
    Head.objects.update(number=2)
    (fault,) = faults()
    assert (fault.number, fault.reason) == (3, "the head does not fit the last entry")

    Head.objects.all().delete()
    (fault,) = faults()
    assert "lost its head" in fault.reason


def test_an_entry_written_while_the_ledger_is_proven_is_no_fault(chain, origin, now, monkeypatch):
    def interrupted(rows, key):
        """Between the reading of the heads and that of the entries."""
        operations.record("account.created", account_id=chain, act=Act(origin, now))
        return groupby(rows, key)

    monkeypatch.setattr(queries, "groupby", interrupted)

    assert faults() == []
    assert Head.objects.get().number == 4


def test_details_are_erased_without_breaking_the_chain(chain, now):
    erased = operations.erase_details(account_id=chain, before=now + timedelta(minutes=1))

    assert erased == 1
    assert faults() == []
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
        operations.record("account.created", account_id=chain, act=Act(origin, now))
    assert len(seen) == (2 if is_postgresql() else 3)


@pytest.mark.django_db(transaction=True)
def test_simultaneous_acts_make_one_chain_without_gap(origin, now):
    def act(_number: int) -> None:
        try:
            with transaction.atomic():
                operations.record("account.created", account_id=ACCOUNT, act=Act(origin, now))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(40)))

    assert Head.objects.get(account_id=ACCOUNT).number == 40
    assert faults(ACCOUNT) == []


# Two chains beside each other.

OTHER = UUID("00000000-0000-4000-8000-000000000002")


@pytest.fixture
def both(chain, origin, now) -> datetime:
    for number in range(2):
        act = Act(origin, now + timedelta(minutes=number))
        operations.record("signin.succeeded", account_id=OTHER, act=act)
    return now


def test_details_are_erased_of_one_account_and_of_what_is_older_alone(both):
    assert operations.erase_details(account_id=ACCOUNT, before=both + timedelta(minutes=1)) == 1
    assert operations.erase_details(account_id=ACCOUNT, before=both + timedelta(minutes=1)) == 0

    entries = list(queries.all_entries(ACCOUNT))
    assert [bool(entry.details) for entry in entries] == [False, True, True]
    assert [bool(entry.salt) for entry in entries] == [False, True, True]
    assert queries.details_of(entries[0]) == {}
    assert all(entry.details for entry in queries.all_entries(OTHER))
    assert faults() == []


def test_what_is_asked_of_one_account_is_not_answered_with_anothers(both):
    assert [entry.number for entry in queries.entries_of(ACCOUNT).rows] == [3, 2, 1]
    assert [entry.number for entry in queries.all_entries(OTHER)] == [1, 2]
    assert (queries.count(), queries.count(OTHER)) == ((2, 5), (1, 2))
    assert queries.prove(ACCOUNT) == (3, True)
    assert queries.prove(OTHER) == (2, True)
    assert queries.prove(uuid4()) == (0, True)


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (queries.LedgerFilter(kind="account"), [3, 2, 1]),
        (queries.LedgerFilter(kind="accoun"), []),
        (queries.LedgerFilter(kind="signin"), []),
    ],
)
def test_a_kind_is_the_whole_first_word_of_an_act(both, wanted, numbers):
    assert [entry.number for entry in queries.entries_of(ACCOUNT, wanted).rows] == numbers
    assert not wanted.everything
    assert queries.LedgerFilter().everything


def test_a_time_is_from_its_first_moment_to_before_its_last(both):
    minute = timedelta(minutes=1)
    wanted = queries.LedgerFilter(since=both + minute, until=both + 2 * minute)

    assert [entry.number for entry in queries.entries_of(ACCOUNT, wanted).rows] == [2]


def test_a_fault_of_one_chain_is_not_said_of_another(both):
    Head.objects.filter(account_id=OTHER).update(number=1)

    assert {(fault.account_id, fault.number) for fault in faults()} == {(OTHER, 2)}
    assert faults(ACCOUNT) == []
    assert [fault.account_id for fault in faults(OTHER)] == [OTHER]
    assert queries.prove(ACCOUNT) == (3, True)
    assert queries.prove(OTHER)[1] is False


def test_several_are_entered_at_once_each_after_its_own(both, origin):
    third = UUID("00000000-0000-4000-8000-000000000003")
    lines = [
        operations.NewEntry("signin.signed_out", account, origin, {"count": n})
        for n, account in enumerate((third, OTHER, ACCOUNT))
    ]
    operations.record_all(lines, now=both + timedelta(hours=1))
    operations.record_all([], now=both)

    ends = [next(iter(queries.entries_of(account).rows)) for account in (ACCOUNT, OTHER, third)]
    assert [(entry.number, queries.details_of(entry)["count"]) for entry in ends] == [
        (4, 2),
        (3, 1),
        (1, 0),
    ]
    assert faults() == []
    heads = dict(Head.objects.values_list("account_id", "moved_at"))
    assert set(heads.values()) == {both + timedelta(hours=1)}


def test_an_anchor_holds_what_moved_within_the_hour_before_the_last(both, origin):
    tomorrow = both + timedelta(days=1)
    Head.objects.filter(account_id=ACCOUNT).update(moved_at=tomorrow - timedelta(hours=1))
    Head.objects.filter(account_id=OTHER).update(moved_at=tomorrow - timedelta(hours=1, seconds=1))
    (first,) = operations.anchor(now=tomorrow)
    assert set(json.loads(first.heads)) == {str(ACCOUNT), str(OTHER)}
    assert operations.anchor(now=tomorrow) == []

    (second,) = operations.anchor(now=tomorrow + timedelta(days=1))
    assert set(json.loads(second.heads)) == {str(ACCOUNT)}
    assert second.previous == first.signature
    assert json.loads(first.heads)[str(ACCOUNT)][0] == 3
    assert faults() == []


def test_who_acted_for_somebody_is_in_the_ledger_and_nothing_where_nobody_did(origin, now):
    operations.record("signin.succeeded", account_id=ACCOUNT, act=Act(origin, now, by="ab123456"))
    operations.record("signin.succeeded", account_id=ACCOUNT, act=Act(origin, now), method=None)
    second, first = (queries.details_of(entry) for entry in queries.entries_of(ACCOUNT).rows)

    assert first["actor"] == "ab123456"
    assert "actor" not in second
    assert "method" not in second
