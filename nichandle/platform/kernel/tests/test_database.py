"""What differs between the two engines, tried on whichever is under the tests."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import (
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    models,
    transaction,
)
from django.test.utils import CaptureQueriesContext

from nichandle.platform.kernel.database import (
    Rows,
    claimable,
    execute,
    fetch_all,
    fetch_together,
    is_postgresql,
    locked,
    row_lock,
    run_if,
    run_together,
    stored_time,
    stored_uuid,
)
from nichandle.platform.kernel.fields import FoldedField
from nichandle.platform.kernel.wording.text import prefix_range

pytestmark = pytest.mark.engine


class Note(models.Model):
    words = FoldedField(max_length=20)

    class Meta:
        app_label = "kernel"
        managed = False


@pytest.fixture
def notes(transactional_db):
    with connection.schema_editor() as editor:
        editor.create_model(Note)
        editor.add_index(Note, models.Index(fields=["words"], name="kernel_note_words"))
    yield Note.objects
    with connection.schema_editor() as editor:
        editor.delete_model(Note)


def test_the_engine_is_told_apart():
    assert is_postgresql() == (connection.vendor == "postgresql")


RENAME = "UPDATE kernel_note SET words = %s WHERE words LIKE 'o%%'"


@pytest.fixture
def two(notes):
    notes.create(words="one")
    notes.create(words="other")
    return notes


def test_a_statement_by_hand_tells_how_many_rows_it_changed(two):
    assert execute(RENAME, ["it's 50 %"]) == 2
    assert execute(RENAME, ["none"]) == 0
    assert set(two.values_list("words", flat=True)) == {"it's 50 %"}


def test_other_work_is_done_while_another_process_does_the_statement(two):
    done = []

    assert execute(RENAME, ["é"], meanwhile=lambda: done.append(two.model)) == 2
    assert set(two.values_list("words", flat=True)) == {"é"}
    assert len(done) == (1 if is_postgresql() else 0)


def test_the_statement_counts_although_the_other_work_fails(two):
    def fail() -> None:
        raise ZeroDivisionError

    if is_postgresql():
        with pytest.raises(ZeroDivisionError):
            execute(RENAME, ["done"], meanwhile=fail)
    else:
        execute(RENAME, ["done"], meanwhile=fail)
    assert two.filter(words="done").count() == 2


def test_a_statement_amid_a_transaction_belongs_to_it(two):
    with transaction.atomic():
        execute(RENAME, ["undone"], meanwhile=lambda: None)
        transaction.set_rollback(True)
    assert not two.filter(words="undone").exists()


def test_what_the_database_refuses_is_said_as_ever_and_the_connection_goes_on(two):
    with pytest.raises(IntegrityError):
        execute("UPDATE kernel_note SET words = NULL", [], meanwhile=lambda: None)
    assert execute(RENAME, ["still there"], meanwhile=lambda: None) == 2


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no connection to lose")
def test_a_connection_lost_amid_a_statement_is_said_as_ever(two):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (ours,) = cursor.fetchone()

    def cut() -> None:
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [ours])
        other.close()

    try:
        with pytest.raises((OperationalError, InterfaceError)):
            execute("UPDATE kernel_note SET words = pg_sleep(5)::text", [], meanwhile=cut)
    finally:
        connection.close()


def test_statements_run_together_in_order(notes):
    run_together(
        [
            ("INSERT INTO kernel_note (id, words) VALUES (%s, %s)", [1, "one"]),
            ("INSERT INTO kernel_note (id, words) VALUES (%s, %s);", [2, "50 % off; 'quoted'"]),
            ("UPDATE kernel_note SET words = %s WHERE id = %s", ["uno", 1]),
            ("DELETE FROM kernel_note WHERE words = 'nothing; here'", []),
        ]
    )

    assert list(notes.order_by("id").values_list("words", flat=True)) == [
        "uno",
        "50 % off; 'quoted'",
    ]


def test_statements_run_together_are_one_message_on_postgresql(notes):
    with CaptureQueriesContext(connection) as made:
        run_together([("UPDATE kernel_note SET words = %s", [word]) for word in "abc"])

    assert len(made) == (1 if is_postgresql() else 3)


def test_nothing_to_run_is_nothing(notes):
    with CaptureQueriesContext(connection) as made:
        run_together([])

    assert len(made) == 0


def test_statements_run_together_fail_together(notes):
    with pytest.raises(Exception, match="kernel_nowhere"), transaction.atomic():
        run_together(
            [
                ("INSERT INTO kernel_note (id, words) VALUES (%s, %s)", [1, "one"]),
                ("UPDATE kernel_nowhere SET words = %s", ["x"]),
            ]
        )

    assert not notes.exists()


def test_folded_text_is_ordered_by_its_bytes(notes):
    written = ["zebra", "Äpfel", "a b", "ab", "éclair", "a-b", "B", "_"]
    notes.bulk_create(Note(words=words) for words in written)

    found = list(notes.order_by("words").values_list("words", flat=True))

    assert found == sorted(written, key=lambda words: words.encode())


def test_a_prefix_is_found_by_range_through_the_index(notes):
    notes.bulk_create(Note(words=words) for words in ["mercier", "merci", "merd", "me", "mercÿ"])
    low, high = prefix_range("merc")
    wanted = notes.filter(words__gte=low, words__lt=high)

    assert set(wanted.values_list("words", flat=True)) == {"mercier", "merci", "mercÿ"}
    if not is_postgresql():
        assert "USING" in wanted.explain()
        assert "INDEX" in wanted.explain()


@pytest.mark.slow
def test_a_locked_row_is_waited_for_and_a_claimable_one_passed_over(notes):
    notes.bulk_create([Note(id=1, words="one"), Note(id=2, words="two")])
    held, claimed, release = threading.Event(), [], threading.Event()

    def hold():
        with transaction.atomic():
            list(locked(notes.filter(id=1)))
            held.set()
            release.wait(10)
            notes.filter(id=1).update(words="uno")
        connection.close()

    def claim():
        with transaction.atomic():
            claimed.append([note.words for note in claimable(notes.order_by("id"))])
        connection.close()

    holder, claimer = threading.Thread(target=hold), threading.Thread(target=claim)
    holder.start()
    assert held.wait(10)
    claimer.start()
    claimer.join(0.5)
    if is_postgresql():
        assert claimed == [["two"]]
    else:
        assert claimed == []  # the only writer is the other one
    release.set()
    holder.join(10)
    claimer.join(10)

    assert claimed == ([["two"]] if is_postgresql() else [["uno", "two"]])


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no row locks")
def test_a_locked_row_may_still_be_pointed_at(notes):
    with CaptureQueriesContext(connection) as made, transaction.atomic():
        list(locked(notes.all()))
        list(claimable(notes.all()))

    said = "\n".join(each["sql"] for each in made)
    assert said.count("FOR NO KEY UPDATE OF") == 2
    assert said.count("SKIP LOCKED") == 1


SELECT = "SELECT id FROM kernel_note WHERE words = %s"
INSERT = ("INSERT INTO kernel_note (words) VALUES (%s)", ["new"])


def there_is(words: str) -> tuple[str, list[str]]:
    return f"{SELECT}{row_lock()}", [words]


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize(
    ("guards", "done"),
    [
        ([], True),
        ([there_is("one")], True),
        ([there_is("one"), there_is("other")], True),
        ([there_is("nobody")], False),
        ([there_is("one"), there_is("nobody")], False),
    ],
)
def test_statements_are_done_all_or_none_as_their_guards_say(two, inside, guards, done):
    if not inside:
        assert run_if(guards, [INSERT]) is done
    else:
        with transaction.atomic():
            assert run_if(guards, [INSERT]) is done
            two.create(words="after")
    assert two.filter(words="new").exists() is done
    assert two.filter(words="after").exists() is inside


def test_what_breaks_behind_a_guard_is_no_refusal_and_leaves_nothing(two):
    first = two.first()
    again = ("INSERT INTO kernel_note (id, words) VALUES (%s, %s)", [first.pk, "again"])
    with pytest.raises(IntegrityError):
        run_if([there_is("one")], [INSERT, again])
    assert not two.filter(words="new").exists()


def test_a_guard_that_waited_for_another_sees_what_the_other_did(two):
    """Two who both want to be the only one: each asks that nobody was before."""
    nobody = ("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM kernel_note WHERE words = %s)", ["new"])
    gate, done = threading.Barrier(6), []

    def run() -> None:
        try:
            gate.wait()
            done.append(run_if([there_is("one"), nobody], [INSERT]))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False] * 5 + [True]
    assert two.filter(words="new").count() == 1


def test_the_rows_of_several_statements_come_apart(two):
    found = fetch_together(there_is("nobody"), there_is("one"), ("SELECT 1", []))
    assert [len(rows) for rows in found] == [0, 1, 1]


@dataclass
class Thing:
    key: UUID
    made_at: datetime
    old: bool
    count: int = 1


MOMENT = datetime(2026, 11, 5, 9, 30, tzinfo=UTC)


def of_a_thing(columns: str) -> Rows:
    if is_postgresql():
        columns = columns.replace("%s AS made", "%s::timestamptz AS made")
        columns = columns.replace("%s AS key", "%s::uuid AS key")
    return fetch_all(f"SELECT {columns}", [stored_time(MOMENT), stored_uuid(UUID(int=7))])


def test_a_row_is_read_by_the_names_of_its_columns_whatever_their_order(db):
    rows = of_a_thing("%s AS made_at, 1 < 2 AS old, %s AS key")

    assert rows.read_as(Thing) == [Thing(UUID(int=7), MOMENT, old=True)]
    assert rows.first_as(Thing) == rows.read_as(Thing)[0]
    assert rows.first_as(Thing).old is True
    assert fetch_all("SELECT 1 AS count WHERE 1 = 0", []).first_as(Thing) is None


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ("%s AS made_at, %s AS key, 1 = 1 AS older", "no fields .*older"),
        ("%s AS made_at, %s AS key", "missing 1 required .* 'old'"),
    ],
)
def test_columns_and_fields_that_are_not_called_the_same_are_refused(db, columns, said):
    with pytest.raises(TypeError, match=said):
        of_a_thing(columns).read_as(Thing)
