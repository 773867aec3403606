"""Spending allowances: one statement each, so that simultaneous tries are all counted."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.database import Statement, fetch_all, read_time, stored_time
from nichandle.platform.limits import delays, wider
from nichandle.platform.limits.catalogue import CATALOGUE, Limit, LimitName
from nichandle.platform.limits.errors import Exhausted
from nichandle.platform.limits.models import Allowance

# A window begins with the first spending and everything in it is counted by the database itself.
# One that begins later than a window from now was written while the clock was ahead.
_SPEND = """
    INSERT INTO limits_allowance (name, key_digest, started_at, count) VALUES {rows}
    ON CONFLICT (name, key_digest) DO UPDATE SET
        count = CASE WHEN limits_allowance.started_at > %s AND limits_allowance.started_at <= %s
                     THEN limits_allowance.count + 1 ELSE 1 END,
        started_at = CASE WHEN limits_allowance.started_at > %s
                          AND limits_allowance.started_at <= %s
                          THEN limits_allowance.started_at ELSE EXCLUDED.started_at END
"""
# Of failures in a row the last one's time is kept, for the wait after it.
_FAIL = """
    INSERT INTO limits_allowance (name, key_digest, started_at, count) VALUES {rows}
    ON CONFLICT (name, key_digest) DO UPDATE SET
        count = CASE WHEN limits_allowance.started_at > %s AND limits_allowance.started_at <= %s
                     THEN limits_allowance.count + 1 ELSE 1 END,
        started_at = EXCLUDED.started_at
"""
_FORGET = "DELETE FROM limits_allowance WHERE "
_ONE = "(name = %s AND key_digest = %s)"
_COUNTED = "RETURNING id, name, key_digest, started_at, count"
_SPENT = "SELECT id, name, key_digest, started_at, count FROM limits_allowance"


def spend(name: LimitName, *, key: str, now: datetime) -> None:
    """
    Count one use; of an IPv6 network its /56 and its /48 are counted with it, in one statement.

    :raises Exhausted: when this use is beyond the limit
    :raises KeyError: when no limit has this name
    """
    sql, parameters = spending(name, key=key, now=now)
    rows = list(Allowance.objects.raw(f"{sql} {_COUNTED}", parameters))
    over = [row for row in rows if row.count > _in_force(row.name).count]
    if over:
        last = max(over, key=lambda row: row.started_at)
        raise _exhausted(_in_force(last.name), last.started_at, now)


def spending(name: LimitName, *, key: str, now: datetime) -> Statement:
    """Return the statement that counts one use, for a caller that sends several in one message."""
    limit = _in_force(name)
    window = [stored_time(now - limit.window), stored_time(now + limit.window)]
    counters = _counters(name, key)
    rows = ", ".join(["(%s, %s, %s, 1)"] * len(counters))
    at = stored_time(now)
    values = [value for counter, digest in counters for value in (counter, digest, at)]
    if limit.grows:
        return _FAIL.format(rows=rows), [*values, *window]
    return _SPEND.format(rows=rows), [*values, *window, *window]


def left(name: LimitName, *, key: str, now: datetime) -> int:
    """Return how many uses a key has left; counts nothing."""
    running = [row for row in _rows(name, key) if _runs(row, now)]
    free = [_in_force(row.name).count - row.count for row in running]
    return max(min([_in_force(name).count, *free]), 0)


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
    pairs = [pair for name, key in wanted for pair in _counters(name, key)]
    which = " OR ".join([_ONE] * len(pairs))
    return f"{_SPENT} WHERE {which}", [part for pair in pairs for part in pair]


def read(rows: Iterable[tuple[Any, ...]], *, now: datetime) -> dict[str, Spent]:
    """Return what the rows of ``looking`` say, by the limit's name; of several the tightest."""
    found: dict[str, Spent] = {}
    for pk, name, digest, started_at, count in rows:
        row = Allowance(pk, name, digest, read_time(started_at), count)
        if not _runs(row, now):
            continue
        limit = _in_force(name)
        spent = Spent(limit.name, row.count, row.started_at, _refusal(row, now))
        known = found.get(limit.name)
        if known is None or _tightness(spent) > _tightness(known):
            found[limit.name] = spent
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
    pairs = _counters(name, key)
    which = " OR ".join([_ONE] * len(pairs))
    return _FORGET + which, [part for pair in pairs for part in pair]


def reset(name: LimitName, *, key: str) -> None:
    """Forget what a key has spent."""
    _rows(name, key).delete()


def clear_old(*, now: datetime) -> int:
    """Delete rows whose window is over, and return how many there were."""
    over = Q()
    limits = [_in_force(name) for name in CATALOGUE]
    for window in {limit.window for limit in limits}:
        names = [
            counter
            for limit in limits
            if limit.window == window
            for counter in (limit.name, *(f"{limit.name}/{width}" for width in wider.TIMES))
        ]
        over |= Q(name__in=names, started_at__lt=now - window)
    deleted, _by_model = Allowance.objects.filter(over).delete()
    return deleted


def _in_force(counter: str) -> Limit:
    """Return the limit a counter is held against: that of its name, larger for a wider network."""
    name, _slash, width = counter.partition("/")
    changed: dict[str, Limit] = settings.NICHANDLE_LIMITS
    limit = changed.get(name) or CATALOGUE[name]
    return replace(limit, count=limit.count * wider.TIMES[width]) if width else limit


def _counters(name: LimitName, key: str) -> list[tuple[str, str]]:
    """Return what one key is counted by: name of the counter, and digest."""
    found: list[tuple[str, str]] = [(name, _digest(key))]
    if "network" in CATALOGUE[name].key:
        found += [(f"{name}/{width}", _digest(net)) for width, net in wider.networks(key).items()]
    return found


def _tightness(spent: Spent) -> tuple[bool, datetime | int]:
    refusal = spent.refusal
    return (True, refusal.retry_at) if refusal else (False, spent.count)


def _runs(row: Allowance, now: datetime) -> bool:
    """Tell whether the window a row counts in is still open."""
    window = _in_force(row.name).window
    return now - window < row.started_at <= now + window


def _rows(name: LimitName, key: str) -> QuerySet[Allowance]:
    wanted = Q()
    for counter, digest in _counters(name, key):
        wanted |= Q(name=counter, key_digest=digest)
    return Allowance.objects.filter(wanted)


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
