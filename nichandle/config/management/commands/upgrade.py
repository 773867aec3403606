from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from nichandle.config.installation import backup, belonging, place, versions
from nichandle.config.serving import start


class Command(BaseCommand):
    help = "Bring the database to this version: backup, check, migrate, proof of the ledger."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--backup",
            type=Path,
            metavar="FOLDER",
            help="where to (default: a folder of its own in `backups` of the data folder)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        place.refuse_missing()
        belonging.refuse_strange()
        start.refuse_wrong_settings()
        self.stdout.write("Settings, secret and database belong together.")
        missing = start.missing_migrations()
        if missing:
            self._migrate(missing, options["backup"])
        else:
            self.stdout.write("The database is of this version already: nothing to migrate.")
        chains, entries = versions.refuse_broken_ledger()
        self.stdout.write(f"The ledger holds: {chains} chains, {entries} entries.")
        self.stdout.write("Now start this version: `nichandle serve`.")

    def _migrate(self, missing: int, folder: Path | None) -> None:
        if folder is None:
            folder = versions.keep_before("upgrade", now=timezone.now())
        else:
            backup.make(folder.resolve(), now=timezone.now())
        self.stdout.write(f"Backup: {folder}.")
        start.migrate()
        belonging.remember(now=timezone.now())
        self.stdout.write(f"Migrated: {missing} migrations.")
