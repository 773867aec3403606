from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.utils import timezone

from nichandle.config.installation import belonging, place
from nichandle.platform.installation.queries import is_noted
from nichandle.platform.kernel.sqlite3.base import making


class Command(DjangoMigrate):
    help = "Bring the database up to date; make it where there is none."
    by_hand = False
    """Whether an operator asked, or the product's own code, which has asked its questions."""

    def run_from_argv(self, argv: list[str]) -> None:
        self.by_hand = True
        super().run_from_argv(argv)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--new",
            action="store_true",
            help="begin anew, although the data folder tells of an installation that was here",
        )

    def execute(self, *args: Any, **options: Any) -> str | None:
        # Before Django's checks, some of which ask the database.
        if self.by_hand:
            if not options["new"]:
                belonging.refuse_empty_beside_another()
            if not place.is_missing():
                belonging.refuse_strange()
        with making():
            said = super().execute(*args, **options)
        if self.by_hand and is_noted():
            belonging.remember(now=timezone.now())
        return said
