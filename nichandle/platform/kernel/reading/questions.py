"""
Questions of several rooms, asked in one message; their queries are Django's, built once.

Building a query costs Django many times what the database needs to answer it, and a page with ten
of them spends most of its time on that. Here a query is written as ever, in its room, and built
once in a process:

    @question
    def recovery_asked(account_id: UUID) -> QuerySet[RecoveryAddress]:
        return RecoveryAddress.objects.filter(account_id=account_id, removed_at=None)

Called, that gives a question. ``ask`` sends many as one prepared message (docs/adr/0011 and 0013),
``answered`` sends one and returns its answer.

Such a function is run once for all, with values that stand for its arguments. So an argument may
only be compared with a column: not reckoned with (that is noticed, and refused), and not decided
by. An argument that is None may be decided by: with it the query is another, built apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, wraps
from inspect import signature
from threading import local
from types import NoneType
from typing import Any, Generic, ParamSpec, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    ValuesListIterable,
    get_related_populators,
)

from nichandle.platform.kernel.database import (
    Rows,
    Statement,
    fetch_together,
    stored_time,
    stored_uuid,
)

Answer = TypeVar("Answer")
Other = TypeVar("Other")
Source = TypeVar("Source", bound=Model)
Given = ParamSpec("Given")
KINDS = 16
"""Queries that one function may build: arguments that are None or not."""


class Question(Generic[Answer]):
    """One statement, and how its rows are read; ``answer`` is there once it was asked."""

    def __init__(self, statement: Statement, read: Callable[[Rows], Answer]) -> None:
        self.statement, self.read = statement, read

    @property
    def answer(self) -> Answer:
        """What the database said; an AttributeError before it was asked."""
        return self._answer

    def take(self, rows: Rows) -> None:
        self._answer = self.read(rows)

    def then(self, further: Callable[[Answer], Other]) -> Question[Other]:
        """Return the same question with more done to its answer."""
        read = self.read
        return Question(self.statement, lambda rows: further(read(rows)))


def ask(*questions: Question[Any]) -> None:
    """Ask questions together: one round trip on PostgreSQL."""
    found = fetch_together(*(one.statement for one in questions))
    for one, rows in zip(questions, found, strict=True):
        one.take(rows)


def answered(one: Question[Answer]) -> Answer:
    """Ask one question and return its answer."""
    ask(one)
    return one.answer


def question(
    build: Callable[Given, QuerySet[Source, Answer]],
) -> Callable[Given, Question[list[Answer]]]:
    """
    Make a function that returns a query into one that returns a question with its rows.

    :raises TypeError: when called, if the query does more with an argument than compare it
    """

    names = list(signature(build).parameters)

    @lru_cache(maxsize=KINDS)
    def plan(kinds: tuple[tuple[str, type], ...]) -> _Plan:
        return _Plan(build, dict(kinds))

    @wraps(build)
    def asked(*args: Given.args, **kwargs: Given.kwargs) -> Question[list[Answer]]:
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        planned = plan(tuple((name, type(value)) for name, value in given.items()))
        return Question(planned.statement(given), lambda rows: list(planned.read(rows)))

    return asked


class _Plan:
    """A query as it was built: its text, where its arguments go, and how its rows are read."""

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], kinds: Mapping[str, type]) -> None:
        tries = [_stand_ins(kinds, attempt) for attempt in (1, 2)]
        built = [build(**stand_ins) for stand_ins in tries]
        compilers = [query.query.get_compiler(using=query.db) for query in built]
        (self._sql, one), (other_sql, other) = (compiler.as_sql() for compiler in compilers)
        if self._sql != other_sql or len(one) != len(other):
            raise TypeError(f"{build.__qualname__} is another query with other arguments")
        stored = [{name: _stored(value) for name, value in given.items()} for given in tries]
        self._filled: list[tuple[str | None, Any]] = []
        for first, second in zip(one, other, strict=True):
            name = _which(first, second, stored)
            if name is None and first != second:
                raise TypeError(f"{build.__qualname__} does more with an argument than compare it")
            self._filled.append((name, first))
        compiler = compilers[0]
        self._columns = [column for column, *_more in compiler.select[: compiler.col_count]]
        self._made = _reading(built[0], compiler)

    def statement(self, given: Mapping[str, Any]) -> Statement:
        stored = {name: _stored(value) for name, value in given.items()}
        return self._sql, [value if name is None else stored[name] for name, value in self._filled]

    def read(self, rows: Rows) -> Iterator[Any]:
        converters = _here.converters.get(self)
        if converters is None:
            converters = _here.converters[self] = list(_converters(self._columns))
        for row in map(list, rows):
            for place, column, convert in converters:
                row[place] = convert(row[place], column, connection)
            yield self._made(row)


class _Here(local):
    """By thread, for what converts a value belongs to a thread's own connection."""

    def __init__(self) -> None:
        self.converters: dict[_Plan, list[tuple[int, Any, Callable[..., Any]]]] = {}


_here = _Here()


def _converters(columns: list[Any]) -> Iterator[tuple[int, Any, Callable[..., Any]]]:
    for place, column in enumerate(columns):
        for convert in (
            *connection.ops.get_db_converters(column),
            *column.get_db_converters(connection),
        ):
            yield place, column, convert


def _stand_ins(kinds: Mapping[str, type], attempt: int) -> dict[str, Any]:
    """Return values that no query has by itself, one for each argument."""
    return {
        name: _stand_in(kind)(attempt * 1000 + place)
        for place, (name, kind) in enumerate(kinds.items())
    }


def _stand_in(kind: type) -> Callable[[int], Any]:
    for known, make in _STAND_INS.items():
        if issubclass(kind, known):
            return make
    raise TypeError(f"nothing stands for an argument of {kind}")


_STAND_INS: Mapping[type, Callable[[int], Any]] = {
    UUID: lambda number: UUID(int=0x6E69_6368_616E_646C_65 << 32 | number),
    datetime: lambda number: datetime(1801, 2, 3, 4, 5, 6, 789, UTC) + timedelta(hours=number),
    date: lambda number: date(1801, 2, 3) + timedelta(days=number),
    str: lambda number: f"\x01{number}\x01",
    int: lambda number: 4_611_686_018_427_000_000 + number,
    NoneType: lambda _number: None,
}


def _which(first: Any, second: Any, stored: list[dict[str, Any]]) -> str | None:
    """Return the argument that a parameter is; None for one that the query has by itself."""
    if first == second:
        return None
    one, other = stored
    return next((name for name in one if one[name] == first and other[name] == second), None)


def _stored(value: Any) -> Any:
    """Return an argument as its column is compared with it."""
    if isinstance(value, UUID):
        return stored_uuid(value)
    if isinstance(value, datetime):
        return stored_time(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    return value


def _reading(query: QuerySet[Any, Any], compiler: Any) -> Callable[[Any], Any]:
    """Return what makes of a row what Django would: an instance with its relations, or values."""
    kind = query._iterable_class  # noqa: SLF001 - nothing else tells values from instances
    if kind is FlatValuesListIterable:
        return lambda row: row[0]
    if kind is ValuesListIterable:
        return tuple
    if kind is not ModelIterable:
        raise TypeError("a question has rows of a model, or a list of values")
    return _making(compiler, query.db)


def _making(compiler: Any, using: str) -> Callable[[Any], Any]:
    """Return what makes an instance of a row, as ``ModelIterable`` does."""
    info = compiler.klass_info
    start, end = info["select_fields"][0], info["select_fields"][-1] + 1
    names = [column[0].target.attname for column in compiler.select[start:end]]
    related = get_related_populators(info, compiler.select, using)  # type: ignore[call-arg]  # a later one's
    annotations = list((compiler.annotation_col_map or {}).items())

    def make(row: Any) -> Any:
        made = info["model"].from_db(using, names, row[start:end])
        for populator in related:
            populator.populate(row, made)
        for name, place in annotations:
            setattr(made, name, row[place])
        return made

    return make
