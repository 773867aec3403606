"""What processes cost: processor time to the nanosecond, memory with what is shared shared out."""

import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

NANOSECONDS = 10**9


def family(pid: int) -> list[int]:
    """Return a process and all that it has begun."""
    found = [pid]
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                found += family(int(child))
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the processor time that running processes have taken, all threads together."""
    spent = 0
    for pid in pids:
        with suppress(OSError):
            for thread in Path(f"/proc/{pid}/task").iterdir():
                spent += int((thread / "schedstat").read_text().split()[0])
    return spent / NANOSECONDS


def megabytes(pids: Iterable[int]) -> float:
    """Return the memory of processes; a page that several share counts once (PSS)."""
    kilobytes = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                kilobytes += int(line.split()[1])
    return kilobytes / 1024


def serve(environment: dict[str, str]) -> tuple[subprocess.Popen[str], float]:
    """Start `nichandle serve`; return it, and the seconds until its first page came."""
    begun = time.monotonic()
    server = subprocess.Popen(
        [sys.executable, "-m", "nichandle.config.cli", "serve"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    line = server.stdout.readline()
    assert "ready" in line, line or "it does not start"
    return server, time.monotonic() - begun
