from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from nichandle.config.installation import belonging, place


class Command(BaseCommand):
    help = "Tell the database that its former secret is lost for good."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser(
            "accept", help="take the secret of the settings, though the database knows another"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        place.refuse_missing()
        belonging.remember(now=timezone.now())
        self.stdout.write(
            "The database takes this secret for its own now. Codes, links, mails that waited, "
            "recovery codes and seeds of apps under the former one are lost."
        )
