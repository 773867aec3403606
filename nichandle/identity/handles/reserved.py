"""Pairs of letters no identifier begins with; the operator may add more by a setting."""

from pathlib import Path

_FILE = Path(__file__).resolve().parent / "data" / "reserved_pairs.txt"


def _read() -> frozenset[str]:
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(line.split()[0] for line in lines if line and not line.startswith("#"))


RESERVED = _read()
