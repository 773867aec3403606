"""What the worker does when drafts wait: one after the other, and none holds up the others."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from nichandle.commerce.invoices.errors import SellerMissing
from nichandle.commerce.invoices.issuing import issue, leases, numbering
from nichandle.commerce.invoices.models import Draft
from nichandle.commerce.invoices.words import SERIES, WAITING
from nichandle.platform.jobs.registry import Stopping
from nichandle.platform.kernel.clock import Clock

log = logging.getLogger("nichandle.invoices")
MOST_TOGETHER = 30
"""So many drafts become one invoice at most."""
AGAIN = timedelta(minutes=1)
AGAIN_WHEN_NOT_VALID = timedelta(hours=1)
"""Somebody has to mend a name or a file first."""

ME = leases.owner()
NEXT_DUE = "SELECT min(try_at) FROM invoices_draft WHERE state = 'waiting'"


def issue_waiting(clock: Clock, stopping: Stopping) -> int:
    """Issue what waits, series by series, where no other process does; return how many."""
    return sum(_series(series, clock, stopping) for series in dict.fromkeys(SERIES.values()))


def _series(series: str, clock: Clock, stopping: Stopping) -> int:
    done = 0
    if not _next(series, clock) or not leases.take(series, ME, now=clock()):
        return done
    while not stopping() and (drafts := _next(series, clock)):
        if not leases.take(series, ME, now=clock()):
            return done
        done += _try(drafts, clock)
    leases.leave(series, ME)
    return done


def _next(series: str, clock: Clock) -> list[Draft]:
    """Return the drafts of the document that has waited longest."""
    waiting = Draft.objects.filter(series=series, state=WAITING, try_at__lte=clock())
    waiting = waiting.order_by("try_at", "pk")
    first = waiting.first()
    if first is None or not first.together:
        return [] if first is None else [first]
    return sorted(waiting.filter(together=first.together)[:MOST_TOGETHER], key=lambda one: one.pk)


def _try(drafts: Sequence[Draft], clock: Clock) -> int:
    try:
        issue.issue(drafts, clock)
    except issue.Overtaken:
        return 0
    except issue.DocumentNotValid as wrong:
        if len(drafts) > 1:
            # One of them is at fault: each for itself from now on.
            Draft.objects.filter(pk__in=[draft.pk for draft in drafts]).update(together="")
        else:
            _hold(drafts, str(wrong), clock, AGAIN_WHEN_NOT_VALID)
    except numbering.ClockBehind:
        _hold(drafts, "the clock is behind the day of the last document.", clock, AGAIN)
    except SellerMissing as missing:
        _hold(drafts, str(missing), clock, AGAIN)
    except Exception as error:
        log.exception("issuing %s failed", drafts[0].cause)
        _hold(drafts, repr(error), clock, AGAIN)
    else:
        return 1
    return 0


def _hold(drafts: Sequence[Draft], trouble: str, clock: Clock, wait: timedelta) -> None:
    first = drafts[0]
    log.error("no invoice for %s of %s: %s", first.cause, first.handle, trouble)
    rows = Draft.objects.filter(pk__in=[draft.pk for draft in drafts], state=WAITING)
    rows.update(trouble=trouble[:2000], try_at=clock() + wait)
