"""Every limit as the operators' page states it: reached, refused to its last second, free then."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import translation

from nichandle.platform.limits import delays, operations
from nichandle.platform.limits.catalogue import CATALOGUE
from nichandle.platform.limits.errors import Exhausted
from nichandle.platform.limits.models import Allowance

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).resolve().parents[4] / "docs" / "operators" / "reference.md"
ROW = re.compile(r"^\| `([a-z_.]+)` \| (\d+) in (\d+) (minute|hour|day)s? \|", re.MULTILINE)
STATED = [
    (name, int(count), timedelta(**{f"{unit}s": int(number)}))
    for name, count, number, unit in ROW.findall(PAGE.read_text("utf-8"))
]
GROWING = {"signin.typed", "signin.account", "signin.browser"}
A_SECOND = timedelta(seconds=1)


def test_the_page_states_every_limit():
    assert {name for name, _count, _window in STATED} == set(CATALOGUE)


@pytest.mark.parametrize(
    ("name", "count", "window"), [one for one in STATED if one[0] not in GROWING]
)
def test_a_limit_holds_as_it_is_stated(name, count, window, now):
    """For one key; another beside it has all of its own."""
    for used in range(count):
        assert operations.left(name, key="a", now=now) == count - used
        operations.check((name, "a"), now=now)
        operations.spend(name, key="a", now=now)
    assert operations.left(name, key="a", now=now) == 0
    assert operations.left(name, key="b", now=now) == count

    for act in (
        lambda at: operations.check((name, "a"), now=at),
        lambda at: operations.spend(name, key="a", now=at),
    ):
        with pytest.raises(Exhausted) as refused:
            act(now + window - A_SECOND)
        assert (refused.value.name, refused.value.retry_at) == (name, now + window)
        assert not refused.value.closed
    operations.spend(name, key="b", now=now)
    operations.check((name, "a"), now=now + window)
    operations.spend(name, key="a", now=now + window)
    assert operations.left(name, key="a", now=now + window) == count - 1


@pytest.mark.parametrize(("name", "count", "window"), [one for one in STATED if one[0] in GROWING])
def test_failures_in_a_row_close_the_way_until_none_came_for_so_long(name, count, window, now):
    for number in range(count - 1):
        operations.spend(name, key="a", now=now + A_SECOND * number)
    last = now + A_SECOND * count
    operations.check((name, "a"), now=last + timedelta(minutes=15))
    operations.spend(name, key="a", now=last)

    with pytest.raises(Exhausted) as refused:
        operations.check((name, "a"), now=last + window - A_SECOND)
    assert refused.value.closed
    assert refused.value.retry_at == last + window
    operations.check((name, "a"), now=last + window)
    operations.check((name, "b"), now=last)


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (4, 0), (5, 30), (6, 60), (7, 120), (8, 240), (9, 480), (10, 900), (99, 900)],
)
def test_each_failure_after_the_fourth_waits_twice_as_long_up_to_a_quarter_of_an_hour(
    failures, seconds, now
):
    name = "signin.account"
    for _ in range(failures):
        operations.spend(name, key="a", now=now)

    assert delays.after(failures) == timedelta(seconds=seconds)
    if seconds:
        with pytest.raises(Exhausted) as refused:
            operations.check((name, "a"), now=now + timedelta(seconds=seconds) - A_SECOND)
        assert refused.value.retry_at == now + timedelta(seconds=seconds)
        assert not refused.value.closed
    operations.check((name, "a"), now=now + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("wait", "said"),
    [
        (timedelta(seconds=59), "59 seconds"),
        (timedelta(seconds=60), "1 minute"),
        (timedelta(minutes=59, seconds=1), "1 hour"),
        (timedelta(hours=48), "48 hours"),
        (timedelta(hours=48, seconds=1), "3 days"),
        (timedelta(days=30), "30 days"),
    ],
)
def test_the_time_to_wait_is_rounded_up(wait, said, now):
    with translation.override("en"):
        assert str(Exhausted(name="x", retry_at=now + wait, now=now)).endswith(f"in {said}.")
    assert Exhausted(name="x", retry_at=now, now=now).seconds == 1


@pytest.mark.parametrize("name", ["password.judge", "signin.network", "recovery.account"])
def test_rows_are_kept_for_their_own_window_and_no_longer(name, now):
    window = CATALOGUE[name].window
    operations.spend(name, key="a", now=now)

    assert operations.clear_old(now=now + window) == 0
    assert operations.clear_old(now=now + window + A_SECOND) == 1
    assert not Allowance.objects.exists()


def test_of_two_that_are_spent_the_one_that_frees_last_is_said(now):
    for _ in range(5):
        operations.spend("recovery.account", key="a", now=now)
    for _ in range(3):
        operations.spend("email.change", key="a", now=now)

    with pytest.raises(Exhausted) as refused:
        operations.check(("recovery.account", "a"), ("email.change", "a"), now=now)
    assert refused.value.name == "email.change"
    found = operations.look(("recovery.account", "a"), ("signin.code", "a"), now=now)
    assert {name: spent.count for name, spent in found.items()} == {"recovery.account": 5}


def test_a_reset_leaves_what_others_have_spent(now):
    for key in ("a", "b"):
        for _ in range(3):
            operations.spend("email.change", key=key, now=now)
    operations.reset("email.change", key="a")

    assert operations.left("email.change", key="a", now=now) == 3
    assert operations.left("email.change", key="b", now=now) == 0
