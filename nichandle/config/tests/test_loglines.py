"""A line of the log: when in UTC, and one entry on one line whatever it quotes."""

import logging
import re
import sys

import pytest
from django.conf import settings
from django.test import RequestFactory

from nichandle.config.serving.journal import OneLine, escaped, hidden

ENTRY = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [A-Z]+ [\w.]+: ")
FORGED = "2026-11-30T12:00:00.000Z INFO nichandle: reviewer Eve signed in"


def written(message: str, *args: object, exc_info=None) -> str:
    form = settings.LOGGING["formatters"]["line"]["format"]
    record = logging.LogRecord(
        "nichandle.web", logging.INFO, __file__, 1, message, args, exc_info=exc_info
    )
    record.created = 1_764_500_000.25
    return OneLine(form).format(record)


def test_the_formatter_of_the_settings_is_one_of_these():
    name = settings.LOGGING["formatters"]["line"]["()"]
    module, _, found = name.rpartition(".")
    __import__(module)

    assert issubclass(getattr(sys.modules[module], found), OneLine)


def test_an_entry_says_when_in_utc_how_grave_where_and_what():
    assert written("mail %s left", 7) == "2025-11-30T10:53:20.250Z INFO nichandle.web: mail 7 left"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_nobody_begins_an_entry_of_their_own(end):
    text = written("a key named %s", f"Grey{end}{FORGED}")

    assert len(text.splitlines()) == 1
    assert FORGED in text


@pytest.mark.parametrize("sign", ["\x1b[2J", "\x00", "\x07", "\x9b31m"])
def test_nobody_moves_the_cursor_of_who_reads(sign):
    assert sign not in written("a key named %s", sign)


def test_a_secret_is_hidden_whatever_signs_it_holds():
    request = RequestFactory().post("/signin", {"password": "lavender\ntram\x1bacross"})
    assert request.POST
    text = hidden(escaped("not the password lavender\ntram\x1bacross"), request)

    assert text == "not the password …"


def test_a_traceback_keeps_its_lines_and_forges_none():
    try:
        raise ValueError(f"not a name:\n{FORGED}")
    except ValueError:
        text = written("it broke", exc_info=sys.exc_info())

    first, *others = text.split("\n")
    assert ENTRY.match(first)
    assert len(others) > 2
    assert all(line.startswith("  ") for line in others)
