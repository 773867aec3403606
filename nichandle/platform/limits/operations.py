"""Spending allowances: one statement each, so that simultaneous tries are all counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.database import Statement, fetch_all, read_time, stored_time
from nichandle.platform.limits import delays
from nichandle.platform.limits.catalogue import CATALOGUE, Limit, LimitName
from nichandle.platform.limits.errors import Exhausted
from nichandle.platform.limits.models import Allowance

# A window begins with the first spending and everything in it is counted by the database itself.
# One that begins later than a window from now was written while the clock was ahead.
_SPEND = """
    INSERT INTO limits_allowance (name, key_digest, started_at, count) VALUES (%s, %s, %s, 1)
    ON CONFLICT (name, key_digest) DO UPDATE SET
        count = CASE WHEN limits_allowance.started_at > %s AND limits_allowance.started_at <= %s
                     THEN limits_allowance.count + 1 ELSE 1 END,
        started_at = CASE WHEN limits_allowance.started_at > %s
                          AND limits_allowance.started_at <= %s
                          THEN limits_allowance.started_at ELSE EXCLUDED.started_at END
"""
# Of failures in a row the last one's time is kept, for the wait after it.
_FAIL = """
    INSERT INTO limits_allowance (name, key_digest, started_at, count) VALUES (%s, %s, %s, 1)
    ON CONFLICT (name, key_digest) DO UPDATE SET
        count = CASE WHEN limits_allowance.started_at > %s AND limits_allowance.started_at <= %s
                     THEN limits_allowance.count + 1 ELSE 1 END,
        started_at = EXCLUDED.started_at
"""
_FORGET = "DELETE FROM limits_allowance WHERE name = %s AND key_digest = %s"
_COUNTED = "RETURNING id, name, key_digest, started_at, count"
_SPENT = "SELECT id, name, key_digest, started_at, count FROM limits_allowance"


def spend(name: LimitName, *, key: str, now: datetime) -> None:
    """
    Count one use.

    :raises Exhausted: when this use is beyond the limit
    :raises KeyError: when no limit has this name
    """
    limit = _in_force(name)
    sql, parameters = spending(name, key=key, now=now)
    (row,) = Allowance.objects.raw(f"{sql} {_COUNTED}", parameters)
    if row.count > limit.count:
        raise _exhausted(limit, row.started_at, now)


def spending(name: LimitName, *, key: str, now: datetime) -> Statement:
    """Return the statement that counts one use, for a caller that sends several in one message."""
    limit = _in_force(name)
    window = [stored_time(now - limit.window), stored_time(now + limit.window)]
    if limit.grows:
        return _FAIL, [name, _digest(key), stored_time(now), *window]
    return _SPEND, [name, _digest(key), stored_time(now), *window, *window]


def left(name: LimitName, *, key: str, now: datetime) -> int:
    """Return how many uses a key has left; counts nothing."""
    limit = _in_force(name)
    row = _rows(limit, key).first()
    return limit.count if row is None or not _runs(row, now) else max(limit.count - row.count, 0)


@dataclass(frozen=True, slots=True)
class Spent:
    """What one key has spent of one limit: how often, since or (of one that grows) last when."""

    name: LimitName
    count: int
    at: datetime
    refusal: Exhausted | None


def look(*wanted: tuple[LimitName, str], now: datetime) -> dict[str, Spent]:
    """Return, in one statement, what each (name, key) has spent, by name; counts nothing."""
    return read(fetch_all(*looking(*wanted)), now=now)


def looking(*wanted: tuple[LimitName, str]) -> Statement:
    """Return the statement whose rows ``read`` understands, for a caller that sends several."""
    pairs = [(name, _digest(key)) for name, key in wanted]
    which = " OR ".join(["(name = %s AND key_digest = %s)"] * len(pairs))
    return f"{_SPENT} WHERE {which}", [part for pair in pairs for part in pair]


def read(rows: Iterable[tuple[Any, ...]], *, now: datetime) -> dict[str, Spent]:
    """Return what the rows of ``looking`` say, by the limit's name."""
    found = {}
    for pk, name, digest, started_at, count in rows:
        row = Allowance(pk, name, digest, read_time(started_at), count)
        if _runs(row, now):
            found[row.name] = Spent(row.name, row.count, row.started_at, _refusal(row, now))
    return found


def check(*wanted: tuple[LimitName, str], now: datetime) -> None:
    """
    Look, in one statement, whether each (name, key) has something left; counts nothing.

    :raises Exhausted: for the one that frees last
    """
    refusals = [spent.refusal for spent in look(*wanted, now=now).values() if spent.refusal]
    if refusals:
        raise max(refusals, key=lambda refusal: refusal.retry_at)


def forgetting(name: LimitName, *, key: str) -> Statement:
    """Return the statement that forgets what a key has spent, for a caller that sends several."""
    return _FORGET, [_in_force(name).name, _digest(key)]


def reset(name: LimitName, *, key: str) -> None:
    """Forget what a key has spent."""
    _rows(_in_force(name), key).delete()


def clear_old(*, now: datetime) -> int:
    """Delete rows whose window is over, and return how many there were."""
    over = Q()
    limits = [_in_force(name) for name in CATALOGUE]
    for window in {limit.window for limit in limits}:
        names = [limit.name for limit in limits if limit.window == window]
        over |= Q(name__in=names, started_at__lt=now - window)
    deleted, _by_model = Allowance.objects.filter(over).delete()
    return deleted


def _in_force(name: str) -> Limit:
    changed: dict[str, Limit] = settings.NICHANDLE_LIMITS
    return changed.get(name) or CATALOGUE[name]


def _runs(row: Allowance, now: datetime) -> bool:
    """Tell whether the window a row counts in is still open."""
    window = _in_force(row.name).window
    return now - window < row.started_at <= now + window


def _rows(limit: Limit, key: str) -> QuerySet[Allowance]:
    return Allowance.objects.filter(name=limit.name, key_digest=_digest(key))


def _digest(key: str) -> str:
    return tokens.keyed_digest(key, "limits")


def _refusal(row: Allowance, now: datetime) -> Exhausted | None:
    limit = _in_force(row.name)
    if row.count >= limit.count:
        return _exhausted(limit, row.started_at, now)
    wait_until = row.started_at + delays.after(row.count)
    if limit.grows and now < wait_until:
        return Exhausted(name=limit.name, retry_at=wait_until, now=now)
    return None


def _exhausted(limit: Limit, started_at: datetime, now: datetime) -> Exhausted:
    retry_at = started_at + limit.window
    return Exhausted(name=limit.name, retry_at=retry_at, now=now, closed=limit.grows)
