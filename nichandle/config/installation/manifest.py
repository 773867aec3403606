"""What a backup says of itself: where it comes from, and what every file of it must be."""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from nichandle.config import secret
from nichandle.platform.kernel.errors import Refused

NAME = "manifest.json"
FORMAT = 1
CHUNK = 1 << 20


class NoBackup(Refused):
    code = "restore.no_backup"
    message = (
        "%(folder)s holds no complete backup: %(name)s is not there, or cannot be read. It is "
        "written last, so a backup that was broken off lacks it."
    )


class BackupDamaged(Refused):
    code = "restore.damaged"
    message = "The backup in %(folder)s is damaged: %(what)s. Nothing was restored."


class BackupNewer(Refused):
    code = "restore.newer"
    message = (
        "The backup was made by version %(version)s, which is newer than this one (%(unknown)s is "
        "not known here). Install that version, then restore."
    )


@dataclass(frozen=True)
class Manifest:
    """
    The contents of ``manifest.json``.

    ``migrations`` are those applied, as "room.name"; ``counts`` the rows of each table; ``files``
    the SHA-256 of each file by its name. ``secret_name`` names the secret without telling it.
    """

    version: str
    mode: str
    engine: str
    server: str
    made_at: str
    suffix: str
    secret_name: str
    migrations: list[str]
    counts: dict[str, int]
    files: dict[str, str]
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Write it whole or not at all, when everything it names is on the disk."""
        part = folder / f"{NAME}.part"
        with part.open("w", encoding="utf-8") as out:
            json.dump(asdict(self), out, indent=1, ensure_ascii=False)
            out.write("\n")
            out.flush()
            os.fsync(out.fileno())
        part.chmod(0o600)
        part.rename(folder / NAME)

    def of_its_secret(self) -> str:
        """Say where the secret is without which the backup is worth nothing."""
        if secret.FILE in self.files:
            return "The secret is inside: whoever has this folder has everything."
        return (
            f"The secret {self.secret_name} is not inside: keep it elsewhere. Without it codes, "
            "links, waiting mail, papers and seeds of apps cannot be read."
        )

    def refuse_damaged(self, folder: Path) -> None:
        """:raises BackupDamaged: naming the first file that is missing or is another"""
        for name, expected in self.files.items():
            file = folder / name
            if not file.is_file():
                raise BackupDamaged(folder=folder, what=f"{name} is missing")
            if sha256(file) != expected:
                raise BackupDamaged(folder=folder, what=f"{name} is not what was written")


def read(folder: Path) -> Manifest:
    """
    Read a backup's manifest.

    :raises NoBackup: when there is none
    :raises BackupNewer: when its form is one of a version to come
    """
    try:
        told = json.loads((folder / NAME).read_text(encoding="utf-8"))
        if told["format"] > FORMAT:
            raise BackupNewer(version=told.get("version"), unknown=f"format {told['format']}")
        return Manifest(**told)
    except (OSError, ValueError, TypeError, KeyError) as reason:
        raise NoBackup(folder=folder, name=NAME) from reason


def hashes(folder: Path, files: Iterable[Path]) -> dict[str, str]:
    """Return the SHA-256 of files by their names in the folder; each is on the disk then."""
    found = {}
    for file in sorted(files):
        with file.open("rb") as data:
            os.fsync(data.fileno())
        found[str(file.relative_to(folder))] = sha256(file)
    return found


def sha256(file: Path) -> str:
    found = hashlib.sha256()
    with file.open("rb") as data:
        while chunk := data.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()
