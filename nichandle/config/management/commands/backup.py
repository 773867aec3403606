from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from nichandle.config.installation import backup


class Command(BaseCommand):
    help = "Copy a living installation into a new folder: database, anchors, what belongs to them."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a folder that is not there, or empty")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        made = backup.make(folder.resolve(), now=timezone.now())
        rows = sum(made.counts.values())
        self.stdout.write(
            f"Backup of {made.engine} in {folder}: {rows} rows in {len(made.counts)} tables, "
            f"{len(made.files)} files, as of {made.made_at}."
        )
        self.stdout.write(made.of_its_secret())
