"""
The data folder and the server's secret: given in production, made once in demo mode.

The secret is written only when a database begins to rest on it (``keep``), and the folder is made
only by commands that write: one that looks leaves no trace, and the empty folder of a disk that is
not mounted is not taken for a new installation.
"""

import os
import secrets
from collections import Counter
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from nichandle.config.options import SettingWrong

FILE = "secret"
MINIMUM_LENGTH = 32
MINIMUM_VARIETY = 8
"""
Different characters; "aaaa…" of any length is no secret.

Of 32 random hexadecimal digits, one secret in twenty-five million has fewer.
"""
FEWEST_NEW = 0.8
"""Of the runs of three characters so many must be new ones: what repeats itself has few."""
MOST_ALIKE = 0.4
"""Of the steps from one character to the next at most so many may be alike: "abcd…" has one."""


class Making:
    """Whether the data folder is made where it is missing: the command line says so first."""

    folder = True


def data_folder(folder: Path) -> Path:
    """
    Make the folder for the product's data, closed to others, where this process may.

    :raises SettingWrong: when it is not there, or nothing can be written there
    """
    if not Making.folder:
        return folder
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as reason:
        raise SettingWrong(f"NICHANDLE_DATA names {folder}: {reason.strerror}.") from reason
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SettingWrong(f"NICHANDLE_DATA names {folder}, where nothing can be written.")
    return folder


def server_secret(given: str, *, production: bool, data: Path) -> str:
    """
    Return the secret; in demo mode the one in the data folder, or a new one for ``keep`` to write.

    :raises SettingWrong: in production when none is given or a weak one
    """
    if given:
        return checked(given) if production else given
    if production:
        raise SettingWrong(
            "NICHANDLE_SECRET_KEY is missing: production needs one of at least 32 random "
            "characters, such as `openssl rand -base64 48` prints."
        )
    return kept(data) or secrets.token_urlsafe(48)


def checked(secret: str) -> str:
    """:raises SettingWrong: when the secret is short or plainly not random"""
    if len(secret) < MINIMUM_LENGTH or len(set(secret)) < MINIMUM_VARIETY or _regular(secret):
        raise SettingWrong(
            "NICHANDLE_SECRET_KEY is weak: give at least 32 random characters, such as "
            "`openssl rand -base64 48` prints."
        )
    return secret


def kept(data: Path) -> str | None:
    """
    Return the secret of the data folder, None when there is none.

    :raises SettingWrong: when its file is empty
    """
    file = data / FILE
    if not file.exists():
        return None
    found = file.read_text(encoding="ascii").strip()
    if not found:
        raise SettingWrong(f"{file} is empty: put the secret back, or remove it to begin anew.")
    return found


def keep(data: Path, secret: str) -> None:
    """
    Write a secret that was made; two that start together agree on the first one written.

    :raises SettingWrong: when another was written meanwhile
    """
    # Written beside and linked whole.
    part = data / f"{FILE}.{secrets.token_hex(8)}"
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(secret)
    try:
        with suppress(FileExistsError):
            os.link(part, data / FILE)
    finally:
        part.unlink()
    if kept(data) != secret:
        raise SettingWrong("Another start was faster and has made the secret: start again.")


def _regular(secret: str) -> bool:
    runs = [secret[place : place + 3] for place in range(len(secret) - 2)]
    steps = Counter(ord(after) - ord(before) for before, after in pairwise(secret))
    alike = max(steps.values()) / steps.total()
    return len(set(runs)) < FEWEST_NEW * len(runs) or alike > MOST_ALIKE
