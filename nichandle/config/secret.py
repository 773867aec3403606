"""The server's secret: given in production, made once in demo mode."""

import os
import secrets
from collections import Counter
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from nichandle.config.options import SettingWrong

MINIMUM_LENGTH = 32
MINIMUM_VARIETY = 10
"""Different characters; "aaaa…" of any length is no secret."""
FEWEST_NEW = 0.8
"""Of the runs of three characters so many must be new ones: what repeats itself has few."""
MOST_ALIKE = 0.4
"""Of the steps from one character to the next at most so many may be alike: "abcd…" has one."""


def server_secret(given: str, *, production: bool, data: Path) -> str:
    """
    Return the secret, making one in the data folder in demo mode.

    :raises SettingWrong: in production when none is given or a weak one
    """
    if given:
        return checked(given) if production else given
    if production:
        raise SettingWrong(
            "NICHANDLE_SECRET_KEY is missing: production needs one of at least 32 random "
            "characters, such as `openssl rand -base64 48` prints."
        )
    return _kept(data / "secret")


def checked(secret: str) -> str:
    """:raises SettingWrong: when the secret is short or plainly not random"""
    if len(secret) < MINIMUM_LENGTH or len(set(secret)) < MINIMUM_VARIETY or _regular(secret):
        raise SettingWrong(
            "NICHANDLE_SECRET_KEY is weak: give at least 32 random characters, such as "
            "`openssl rand -base64 48` prints."
        )
    return secret


def _regular(secret: str) -> bool:
    runs = [secret[place : place + 3] for place in range(len(secret) - 2)]
    steps = Counter(ord(after) - ord(before) for before, after in pairwise(secret))
    alike = max(steps.values()) / steps.total()
    return len(set(runs)) < FEWEST_NEW * len(runs) or alike > MOST_ALIKE


def _kept(file: Path) -> str:
    if not file.exists():
        _make(file)
    kept = file.read_text(encoding="ascii").strip()
    if not kept:
        raise SettingWrong(f"{file} is empty: remove it to have a new secret made.")
    return kept


def _make(file: Path) -> None:
    """Write it beside and link it whole, so that two starting together agree on one."""
    part = file.with_name(f"secret.{secrets.token_hex(8)}")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(secrets.token_urlsafe(48))
    try:
        with suppress(FileExistsError):
            os.link(part, file)
    finally:
        part.unlink()
