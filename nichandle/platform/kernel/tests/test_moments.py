"""A moment is written so that it is one: also in the hour that a clock shows twice."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone, translation

from nichandle.platform.kernel.wording.moments import written, zoned
from nichandle.platform.ui.templatetags.ui import local_time

TWICE = [
    (datetime(2026, 10, 24, 23, 59, tzinfo=UTC), "25 October 2026 at 01:59"),
    (datetime(2026, 10, 25, 0, 0, tzinfo=UTC), "25 October 2026 at 02:00 (UTC+2)"),
    (datetime(2026, 10, 25, 0, 59, tzinfo=UTC), "25 October 2026 at 02:59 (UTC+2)"),
    (datetime(2026, 10, 25, 1, 0, tzinfo=UTC), "25 October 2026 at 02:00 (UTC+1)"),
    (datetime(2026, 10, 25, 1, 59, tzinfo=UTC), "25 October 2026 at 02:59 (UTC+1)"),
    (datetime(2026, 10, 25, 2, 0, tzinfo=UTC), "25 October 2026 at 03:00"),
    (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "29 March 2026 at 01:59"),
    (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "29 March 2026 at 03:00"),
]


@pytest.mark.parametrize(("moment", "expected"), TWICE)
def test_in_the_hour_that_comes_twice_the_offset_is_said(moment, expected):
    with translation.override("en"), timezone.override("Europe/Paris"):
        said = written(moment).replace("\N{NO-BREAK SPACE}", " ")
        shown = str(local_time(moment)).replace("\N{NO-BREAK SPACE}", " ")

    assert said == expected
    assert f">{expected}</time>" in shown


def test_where_clocks_stay_as_they_are_nothing_is_added():
    with translation.override("en"), timezone.override("Indian/Reunion"):
        assert written(TWICE[1][0]) == "25 October 2026 at 04:00"


def test_a_day_has_no_hour_to_explain():
    with translation.override("en"), timezone.override("Europe/Paris"):
        assert written(TWICE[1][0], "DATE_FORMAT") == "25 October 2026"


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Paris", "25 November 2026 at 13:30 (UTC+1)"),
        ("Indian/Reunion", "25 November 2026 at 16:30 (UTC+4)"),
        ("America/St_Johns", "25 November 2026 at 09:00 (UTC\N{MINUS SIGN}3:30)"),
        ("Asia/Kathmandu", "25 November 2026 at 18:15 (UTC+5:45)"),
        ("Africa/Abidjan", "25 November 2026 at 12:30 (UTC)"),
    ],
)
def test_a_deadline_says_which_clock_is_meant(zone, expected):
    moment = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)
    with translation.override("en"), timezone.override(zone):
        said, shown = zoned(moment), str(local_time(moment, zoned=True))

    assert said.replace("\N{NO-BREAK SPACE}", " ") == expected
    assert f">{said}</time>" in shown
