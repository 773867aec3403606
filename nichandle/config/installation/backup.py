"""Keeping a copy of a living installation."""

import shutil
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from nichandle.config import secret
from nichandle.config.installation import belonging, engines, manifest
from nichandle.config.installation.manifest import Manifest
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.errors import Refused


class FolderTaken(Refused):
    code = "backup.folder_taken"
    message = "%(folder)s is there and not empty: a backup gets a folder of its own."


class FolderClosed(Refused):
    code = "backup.folder_closed"
    message = "%(folder)s cannot be written: %(reason)s."


def make(folder: Path, *, now: datetime) -> Manifest:
    """
    Copy database, anchors and a secret that was made here into a folder of its own.

    The installation may go on meanwhile: what was committed before this begins is inside, and
    nothing is inside by half. A secret that was given is named and not copied.

    :raises Refused: when the folder is taken, the settings do not fit, or a copy cannot be made
    """
    belonging.refuse_strange()
    _begin(folder)
    try:
        # Before the database: so no anchor is in a file and not in the table.
        _copy_anchors(folder)
        counts = engines.copy_out(folder / engines.file_name())
        if settings.SECRET_KEY_MADE:
            shutil.copyfile(settings.NICHANDLE_DATA / secret.FILE, folder / secret.FILE)
        found = list(folder.rglob("*"))
        for path in found:
            path.chmod(0o700 if path.is_dir() else 0o600)
        files = [path for path in found if path.is_file()]
        made = _described(counts, manifest.hashes(folder, files), now)
        made.write(folder)
    except OSError as reason:
        raise FolderClosed(folder=folder, reason=reason.strerror or reason) from reason
    return made


def _begin(folder: Path) -> None:
    """:raises Refused: when the folder holds something, or cannot be made"""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise FolderTaken(folder=folder)
        folder.chmod(0o700)
    except OSError as reason:
        raise FolderClosed(folder=folder, reason=reason.strerror or reason) from reason


def _copy_anchors(folder: Path) -> None:
    anchors = settings.NICHANDLE_DATA / "anchors"
    if anchors.is_dir():
        shutil.copytree(anchors, folder / "anchors")


def _described(counts: dict[str, int], files: dict[str, str], now: datetime) -> Manifest:
    applied = MigrationRecorder(connection).applied_migrations()
    return Manifest(
        version=version("nichandle"),
        mode=settings.NICHANDLE_MODE,
        engine=connection.vendor,
        server=engines.server_version(),
        made_at=now.isoformat(timespec="seconds"),
        suffix=settings.NICHANDLE_SUFFIX,
        secret_name=tokens.key_name(),
        migrations=sorted(f"{room}.{name}" for room, name in applied),
        counts=counts,
        files=files,
    )
