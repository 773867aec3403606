"""A counted refusal leaves what it counted; every other one, and every bug, leaves nothing."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from nichandle.platform.kernel.counted import TraceLost, counting
from nichandle.platform.kernel.errors import Refused


class GuessWrong(Refused):
    code = "tests.guess_wrong"
    counted = True


class TooLate(Refused):
    code = "tests.too_late"


class WithArguments(Refused):
    """As some refusals do that carry a row."""

    code = "tests.with_arguments"
    counted = True

    def __init__(self, *, row: int) -> None:
        super().__init__()
        self.row = row


@pytest.fixture
def table(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kernel_trace (word varchar(20) UNIQUE)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE kernel_trace")


def leave(word: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO kernel_trace (word) VALUES (%s)", [word])


def left() -> list[str]:
    assert not connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute("SELECT word FROM kernel_trace ORDER BY word")
        return [word for (word,) in cursor.fetchall()]


def guess(outcome: Callable[[], BaseException]) -> None:
    """Guess wrong: it is counted, and then comes what comes."""
    leave("counted")
    raise outcome()


def late_but_counted() -> Refused:
    return TooLate(counted=True)


def right_a_moment_ago() -> Refused:
    return GuessWrong(counted=False)


def test_what_a_counted_refusal_counted_stays(table):
    with pytest.raises(GuessWrong), counting():
        guess(GuessWrong)

    assert left() == ["counted"]


def test_a_refusal_that_is_not_counted_leaves_nothing(table):
    with pytest.raises(TooLate), counting():
        guess(TooLate)

    assert left() == []


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_a_bug_leaves_nothing(table, error):
    with pytest.raises(error), counting():
        guess(error)

    assert left() == []


def test_what_goes_well_stays(table):
    with counting():
        leave("done")

    assert left() == ["done"]


def test_one_refusal_may_be_counted_though_its_kind_is_not(table):
    with pytest.raises(TooLate), counting():
        guess(late_but_counted)

    assert left() == ["counted"]
    assert TooLate.counted is False


def test_one_refusal_may_be_not_counted_though_its_kind_is(table):
    with pytest.raises(GuessWrong), transaction.atomic():
        guess(right_a_moment_ago)

    assert left() == []


def test_the_refusal_goes_on_as_it_was_raised(table):
    refusal = WithArguments(row=7)
    with pytest.raises(WithArguments) as raised, counting():
        guess(lambda: refusal)

    assert raised.value is refusal
    assert raised.value.__context__ is None


def test_it_stands_before_a_function_too(table):
    with pytest.raises(GuessWrong):
        counting()(guess)(GuessWrong)

    assert left() == ["counted"]


def test_inside_another_transaction_nothing_is_counted_at_all(table):
    """The other one would roll back what this one committed."""
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic(), counting():
        guess(GuessWrong)

    assert left() == []


@pytest.mark.parametrize("outcome", [GuessWrong, lambda: WithArguments(row=7), late_but_counted])
def test_a_counted_refusal_in_a_plain_transaction_is_a_bug(table, outcome):
    with pytest.raises(TraceLost), transaction.atomic():
        guess(outcome)


def test_a_counted_refusal_amid_a_savepoint_is_a_bug(table):
    """The savepoint would be rolled back, and part of the trace with it."""
    with pytest.raises(TraceLost), counting(), transaction.atomic():
        guess(GuessWrong)

    assert left() == []


def test_after_a_savepoint_it_is_counted(table):
    def twice() -> Refused:
        with pytest.raises(IntegrityError), transaction.atomic():
            leave("counted")
        return GuessWrong()

    with pytest.raises(GuessWrong), counting():
        guess(twice)

    assert left() == ["counted"]


def test_outside_of_transactions_each_statement_has_stayed_already(table):
    leave("counted")
    with pytest.raises(GuessWrong):
        raise GuessWrong

    assert left() == ["counted"]


@pytest.mark.django_db
def test_the_transaction_around_a_test_is_none_of_the_products():
    with pytest.raises(GuessWrong):
        raise GuessWrong
    with pytest.raises(GuessWrong), counting():
        raise GuessWrong
    with pytest.raises(TraceLost), transaction.atomic():
        raise GuessWrong
