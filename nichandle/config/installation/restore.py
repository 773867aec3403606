"""Putting a backup back where there is nothing."""

import shutil
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from nichandle.config import secret
from nichandle.config.installation import engines, manifest, place
from nichandle.config.installation.manifest import BackupDamaged, BackupNewer, Manifest
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.errors import Refused


class TargetTaken(Refused):
    code = "restore.target_taken"
    message = (
        "%(what)s is there: a backup is restored only where there is nothing. Move it away first."
    )


class OtherEngine(Refused):
    code = "restore.other_engine"
    message = (
        "The backup is of %(engine)s and the settings name %(ours)s: see NICHANDLE_DATABASE_URL."
    )


class OtherSecret(Refused):
    code = "restore.other_secret"
    message = (
        "The backup was made with another secret (it names %(known)s; given: %(given)s). Give that "
        "one in NICHANDLE_SECRET_KEY, or list it in NICHANDLE_SECRET_KEY_OLD."
    )


def restore(folder: Path) -> Manifest:
    """
    Fill an empty installation from a backup, after having looked at all of it.

    :raises Refused: when the backup is damaged, newer or of another engine or secret, or something
        is where it would go; nothing was changed then
    """
    told = manifest.read(folder)
    told.refuse_damaged(folder)
    _refuse_unfit(told, folder)
    _refuse_taken(folder)
    data = settings.NICHANDLE_DATA
    if secret.FILE in told.files and not secret.kept(data):
        secret.keep(data, (folder / secret.FILE).read_text(encoding="ascii").strip())
    if (folder / "anchors").is_dir():
        shutil.copytree(folder / "anchors", data / "anchors", dirs_exist_ok=True)
    engines.copy_in(folder / engines.file_name())
    connection.close()
    found = engines.counted()
    if found != told.counts:
        wrong = next(
            table
            for table in {**told.counts, **found}
            if found.get(table) != told.counts.get(table)
        )
        raise BackupDamaged(folder=folder, what=f"{wrong} has not the rows it had")
    return told


def _refuse_unfit(told: Manifest, folder: Path) -> None:
    if told.engine != connection.vendor:
        raise OtherEngine(engine=told.engine, ours=connection.vendor)
    here = MigrationLoader(None, ignore_no_migrations=True)
    known = {f"{room}.{name}" for room, name in here.disk_migrations}
    if unknown := [name for name in told.migrations if name not in known]:
        raise BackupNewer(version=told.version, unknown=unknown[0])
    given = tokens.key_names()
    if settings.SECRET_KEY_MADE and not secret.kept(settings.NICHANDLE_DATA):
        # None is here yet: the backup may bring its own.
        file = folder / secret.FILE
        given = [tokens.name_of(file.read_text("ascii").strip())] if file.is_file() else []
    if told.secret_name not in given:
        raise OtherSecret(known=told.secret_name, given=", ".join(given) or "none")


def _refuse_taken(folder: Path) -> None:
    if connection.vendor == "sqlite":
        # What is left of another database would be read into this one.
        beside = [Path(f"{place.name()}{end}") for end in ("", "-wal", "-shm", "-journal")]
        taken = [file for file in beside if file.exists()]
        if taken:
            raise TargetTaken(what=taken[0])
        Path(place.name()).parent.mkdir(parents=True, exist_ok=True)
    elif place.tables():
        raise TargetTaken(what=f"A database with tables ({place.name()})")
    ours = settings.NICHANDLE_DATA / "anchors"
    for file in sorted(ours.glob("*")):
        kept = folder / "anchors" / file.name
        # One that the backup has not proves entries that it has not either.
        if not kept.is_file() or manifest.sha256(kept) != manifest.sha256(file):
            raise TargetTaken(what=f"{file}, an anchor that the backup does not have,")
