"""Statements planned once: the same results, whatever becomes of the connection behind a pooler."""

from threading import Event

import pytest
from django.db import ProgrammingError, connection, transaction

from nichandle.platform.kernel.database import fetch_all, fetch_together, run_if, run_together
from nichandle.platform.kernel.postgresql import prepared

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite plans by itself"),
]
ADD = "INSERT INTO kernel_word (word) VALUES (%s)"
FIND = "SELECT word FROM kernel_word WHERE word LIKE %s || '%%' ORDER BY word"
COUNT = "SELECT count(*) FROM kernel_word;"


@pytest.fixture(autouse=True)
def words(monkeypatch):
    monkeypatch.setattr(prepared, "_off", Event())
    monkeypatch.setattr(prepared, "_names", {})
    prepared._prepared.clear()
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
        cursor.execute("CREATE TABLE kernel_word (word text PRIMARY KEY)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE kernel_word")


def known_to_the_server() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'nichandle_%%'")
        return int(cursor.fetchone()[0])


def test_from_the_second_time_on_a_statement_goes_by_its_name():
    sent = []
    with connection.execute_wrapper(
        lambda execute, sql, *more: (sent.append(sql), execute(sql, *more))[1]
    ):
        for word in ("one", "other", "two"):
            run_together([(ADD, [word])])
    assert [text.startswith("EXECUTE ") for text in sent] == [False, True, True]
    assert fetch_all(FIND, ["o"]) == fetch_all(FIND, ["o"]) == [("one",), ("other",)]
    assert known_to_the_server() == 2


def test_results_of_several_come_in_their_order_the_first_time_and_later():
    run_together([(ADD, ["one"]), (ADD, ["two"])])
    for _ in range(7):
        found = fetch_together((FIND, ["t"]), (COUNT, []), (FIND, ["o"]))
        assert found == [[("two",)], [(2,)], [("one",)]]


def test_what_does_not_go_well_is_not_taken_for_prepared():
    guard = ("SELECT 1 FROM kernel_word WHERE word = %s", ["one"])
    assert not run_if([guard], [(ADD, ["two"])])
    assert known_to_the_server() == 0
    run_together([(ADD, ["one"])])
    assert run_if([guard], [(ADD, ["two"])])
    assert run_if([guard], [(ADD, ["three"])])
    assert fetch_all(COUNT, []) == [(3,)]


def test_a_connection_that_is_another_behind_a_pooler_is_told_and_nothing_is_done_twice():
    for word in ("one", "two"):
        run_together([(ADD, [word])])
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")

    run_together([(ADD, ["three"]), (ADD, ["four"])])

    assert fetch_all(COUNT, []) == [(4,)]
    assert known_to_the_server() == 0, "this process prepares nothing any more"


def test_a_name_that_the_connection_knows_already_does_no_harm():
    run_together([(ADD, ["one"])])
    prepared._prepared.clear()
    run_together([(ADD, ["two"])])
    assert fetch_all(COUNT, []) == [(2,)]


def test_inside_a_transaction_everything_is_sent_in_plain():
    with transaction.atomic():
        for word in ("one", "two"):
            run_together([(ADD, [word])])
        assert fetch_all(FIND, ["o"]) == [("one",)]
    assert known_to_the_server() == 0


def test_a_statement_that_is_wrong_says_so_itself():
    with pytest.raises(ProgrammingError, match="kernel_nothing"):
        fetch_all("SELECT 1 FROM kernel_nothing WHERE word = %s", ["one"])
    run_together([(ADD, ["one"])])
    assert fetch_all(COUNT, []) == [(1,)]


def test_a_process_prepares_so_many_and_no_more(monkeypatch):
    monkeypatch.setattr(prepared, "MOST", 2)
    for number in range(5):
        assert fetch_all(f"SELECT {number} + %s::int", [1]) == [(number + 1,)]
    assert known_to_the_server() == 2


def test_rows_that_come_one_by_one_outside_a_transaction_need_no_cursor_on_the_server():
    run_together([(ADD, ["one"]), (ADD, ["two"])])
    with connection.chunked_cursor() as cursor, connection.cursor() as other:
        cursor.execute(FIND, ["t"])
        other.execute("SELECT count(*) FROM pg_cursors WHERE is_holdable")
        assert other.fetchone() == (0,)
        assert cursor.fetchmany(10) == [("two",)]
