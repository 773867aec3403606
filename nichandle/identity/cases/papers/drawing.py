"""Runs the program that opens and draws papers: another process, with small limits of its own."""

import signal
import subprocess
import sys
from pathlib import Path

CHECK_SECONDS, SHOW_SECONDS = 60, 15
"""By the clock on the wall, on a busy machine; of a processor the program takes five at most."""
PROGRAM = Path(__file__).with_name("renderer.py")
REASONS = {3: "unreadable", 4: "unreadable", 5: "too_large", 6: "too_many_pages"}
"""What the program ends with; it is not imported, for its libraries stay out of here."""
BROKEN = 1
"""What Python itself ends with when the program cannot even begin."""


class NotDrawn(Exception):
    """A file cannot be drawn; ``reason`` is one of ``kinds.PAPER_REASONS``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def run(data: bytes, *arguments: str, seconds: float = CHECK_SECONDS) -> bytes:
    """
    Run the program on a file; it has no secret, no settings, and ends when its time is up.

    :raises NotDrawn: when the file is to blame
    """
    command = [sys.executable, "-I", str(PROGRAM), *arguments]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=seconds, check=False, env={}
        )
    except subprocess.TimeoutExpired as long:
        raise NotDrawn("too_costly") from long
    if done.returncode == BROKEN:
        raise RuntimeError(done.stderr.decode(errors="replace")[-2000:])
    if done.returncode in {-signal.SIGXCPU, -signal.SIGKILL}:
        raise NotDrawn("too_costly")
    if done.returncode:
        raise NotDrawn(REASONS.get(done.returncode, "unreadable"))
    return done.stdout
