"""How a line of the log is written: when in UTC, and one entry on one line whatever it quotes."""

import logging
import re
from datetime import UTC, datetime
from typing import Any

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What ends a line, or moves the cursor of a terminal."""


class Line(logging.Formatter):
    """
    Writes the time in UTC, and what could begin a forged entry as its escape.

    Tracebacks keep their lines, set in, so that only an entry of ours begins at the margin.
    """

    def formatTime(self, record: logging.LogRecord, _datefmt: str | None = None) -> str:  # noqa: N802 - the library's own name
        moment = datetime.fromtimestamp(record.created, tz=UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's own name
        record.message = escaped(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's own name
        return set_in(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - the library's own name
        return set_in(super().formatStack(stack_info))


def escaped(text: str) -> str:
    """Write what would end a line as its escape."""
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def set_in(text: str) -> str:
    """Set every line in from the margin."""
    return "\n".join(f"  {escaped(line)}" for line in text.split("\n"))
