"""
Huge pages for the web processes, which hash passwords in 19 MiB each (ADR 25).

The processor looks up one page of 2 MiB instead of 512 small ones: a seventh more hashes a second.
Asked for by what a process is started with, so nothing of the product's is imported here.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path

ENABLED = Path("/sys/kernel/mm/transparent_hugepage/enabled")
ASKED = "glibc.malloc.hugetlb=1"
"""glibc's malloc asks for them where the kernel gives them to those who ask (glibc 2.35)."""
SINCE = (2, 35)


def trouble(*, enabled: Path | None = None, libc: str | None = None) -> str:
    """Return why there are no huge pages for us, half a sentence; empty when there are."""
    try:
        mode = (enabled or ENABLED).read_text(encoding="ascii")
    except OSError:
        mode = ""
    if "[always]" in mode:
        return ""
    if "[madvise]" not in mode:
        return "the kernel offers none: transparent_hugepage/enabled is neither madvise nor always"
    if _glibc(libc) < SINCE:
        return "asking for them takes glibc 2.35"
    return ""


def tunables(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return what a web process is to have in its environment, beside what an operator tuned."""
    given = environment.get("GLIBC_TUNABLES", "")
    if trouble() or "glibc.malloc.hugetlb" in given:
        return {}
    return {"GLIBC_TUNABLES": f"{given}:{ASKED}" if given else ASKED}


def _glibc(said: str | None) -> tuple[int, int]:
    if said is None:
        try:
            said = os.confstr("CS_GNU_LIBC_VERSION")
        except (ValueError, OSError):
            # Another C library.
            said = ""
    found = re.fullmatch(r"glibc (\d+)\.(\d+).*", said or "")
    return (int(found[1]), int(found[2])) if found else (0, 0)
