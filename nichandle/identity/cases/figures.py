"""The figures that sentences name of this room: ``"cases.wait"``."""

from nichandle.identity.cases import clock, filing, queries
from nichandle.identity.cases.papers import uploads

FIGURES = {
    "code": filing.CODE_LIFETIME,
    "wait": clock.WAIT,
    "added": clock.ADDED,
    "overdue": clock.OVERDUE_AFTER,
    "erased": clock.ERASED_AFTER,
    "ended_listed": queries.LISTED_FOR,
    "largest_paper": uploads.LARGEST,
}
