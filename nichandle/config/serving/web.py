"""
Becomes the web server alone, with what the system has to be told before that begins.

    python -m nichandle.config.serving.web
"""

import os
import sys
from contextlib import suppress

from nichandle.config.installation import hugepages

FRUGAL = {"MALLOC_ARENA_MAX": "1", **hugepages.tunables()}
"""
One place to take memory from: each hash finds the 19 MiB of the one before, still warm, not those
its thread used last. It saves 1.5 of a sign-in's 31 ms, and memory. And that in huge pages, where
there are any.
"""


def take_long_turns() -> None:
    """A hash that is interrupted has to fill the caches anew: long turns save 0.5 ms more."""
    if hasattr(os, "SCHED_BATCH"):
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def main() -> None:
    take_long_turns()
    command = [sys.executable, "-m", "nichandle.config.serving.listening"]
    os.execve(command[0], command, {**os.environ, **FRUGAL})  # noqa: S606 - our own interpreter


if __name__ == "__main__":
    main()
