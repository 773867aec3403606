"""Lengths of time as natives write them."""

from datetime import timedelta

import pytest
from django.utils import translation

from nichandle.platform.kernel.wording.durations import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    number,
    whole,
    written,
)


@pytest.mark.parametrize(
    ("length", "english", "french"),
    [
        (SECOND, "one second", "une seconde"),
        (30 * SECOND, "30 seconds", "30 secondes"),
        (MINUTE, "one minute", "une minute"),
        (90 * SECOND, "90 seconds", "90 secondes"),
        (HOUR, "one hour", "une heure"),
        (24 * HOUR, "24 hours", "24 heures"),
        (3 * DAY, "72 hours", "72 heures"),
        (3 * DAY + HOUR, "73 hours", "73 heures"),
        (4 * DAY, "4 days", "4 jours"),
        (7 * DAY, "7 days", "7 jours"),
    ],
)
def test_in_figures_three_days_are_still_hours(length, english, french):
    assert in_both(length) == (english, french)


@pytest.mark.parametrize(
    ("length", "english", "french"),
    [
        (SECOND, "a second", "une seconde"),
        (MINUTE, "a minute", "une minute"),
        (HOUR, "an hour", "une heure"),
        (4 * HOUR, "four hours", "quatre heures"),
        (DAY, "a day", "un jour"),
        (25 * HOUR, "25 hours", "25 heures"),
        (7 * DAY, "seven days", "sept jours"),
        (11 * DAY, "11 days", "11 jours"),
    ],
)
def test_in_words_a_day_is_a_day(length, english, french):
    assert in_both(length, in_words=True) == (english, french)


@pytest.mark.parametrize(
    ("length", "english", "french"),
    [(7 * DAY, "7 days", "de 7 jours"), (HOUR, "one hour", "d’une heure")],
)
def test_after_a_comparison_french_takes_its_de(length, english, french):
    assert in_both(length, "than") == (english, french)


@pytest.mark.parametrize(
    ("length", "english", "french"),
    [
        (30 * MINUTE, "30 minutes", "les 30 minutes"),
        (HOUR, "one hour", "le délai d’une heure"),
    ],
)
def test_a_time_limit_has_its_article_in_french(length, english, french):
    assert in_both(length, "within") == (english, french)


def in_both(length, form="", **how):
    answers = []
    for language in ("en", "fr"):
        with translation.override(language):
            answers.append(written(length, form, **how))
    return tuple(answers)


@pytest.mark.parametrize("length", [timedelta(), timedelta(milliseconds=1500), -HOUR])
def test_what_no_sentence_can_say_is_an_error(length):
    with pytest.raises(ValueError, match="whole seconds"):
        written(length)


def test_a_sentence_that_names_its_unit_has_whole_ones():
    assert whole(3 * DAY, HOUR) == 72
    with pytest.raises(ValueError, match="no whole number"):
        whole(90 * MINUTE, HOUR)


def test_from_two_to_ten_a_number_has_a_word():
    with translation.override("en"):
        assert [number(count) for count in (1, 2, 10, 11)] == ["1", "two", "ten", "11"]
