from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from nichandle.config.installation import restore, versions
from nichandle.config.serving import start


class Command(BaseCommand):
    help = "Fill an empty installation from a backup, after having looked at all of it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder of the backup")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        told = restore.restore(folder.resolve())
        rows = sum(told.counts.values())
        self.stdout.write(
            f"Restored as of {told.made_at}: {rows} rows in {len(told.counts)} tables."
        )
        if missing := start.missing_migrations():
            self.stdout.write(
                f"It is of an earlier version ({missing} migrations): run `nichandle upgrade` now."
            )
            return
        chains, entries = versions.refuse_broken_ledger()
        self.stdout.write(f"The ledger holds: {chains} chains, {entries} entries.")
