import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from nichandle.config.installation import belonging, versions


class Command(BaseCommand):
    help = "Take the database back to what an earlier version knows, unless that loses something."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version", nargs="?", help="one of those that --list names")
        parser.add_argument("--list", action="store_true", help="name the versions there are")
        parser.add_argument(
            "--state", action="store_true", help="print this version's row of the table of versions"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            self.stdout.write("\n".join(versions.releases()))
            return
        if options["state"]:
            self.stdout.write(json.dumps(versions.state(), indent=1))
            return
        version = options["version"]
        if not version:
            raise CommandError(
                "Name a version; `nichandle downgrade --list` tells which there are."
            )
        belonging.refuse_strange()
        if not versions.way_back(version):
            self.stdout.write(f"The database is what {version} knows already: nothing to do.")
            return
        # Refused before a backup is made of what stays as it is.
        versions.refuse_losses(version)
        self.stdout.write(f"Backup: {versions.keep_before('downgrade', now=timezone.now())}.")
        count = versions.go_back(version)
        self.stdout.write(f"Taken back: {count} migrations. Now install {version} and start it.")
