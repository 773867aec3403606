import json
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.management.base import CommandParser
from django.core.management.commands.check import Command as DjangoCheck
from django.db import connection

from nichandle.config import demo
from nichandle.config.serving import start


class Command(DjangoCheck):
    help = "Tell whether the product could start: settings, database, migrations, templates."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--json", action="store_true", help="for a program to read")

    def handle(self, *app_labels: Any, **options: Any) -> None:
        # Whoever read this far has settings that could be read.
        if missing := start.missing_migrations():
            raise start.NotMigrated(count=missing)
        if not settings.DEMO:
            if demo.present():
                raise demo.DemoInProduction
            # What Django wants of settings that face the world.
            options["deploy"], options["fail_level"] = True, "WARNING"
        if not options["json"]:
            super().handle(*app_labels, **options)
            self.stdout.write(f"{settings.NICHANDLE_MODE} mode, {connection.vendor}: all is well.")
            return
        found = checks.run_checks(include_deployment_checks=bool(options["deploy"]))
        answer = {
            "mode": settings.NICHANDLE_MODE,
            "database": connection.vendor,
            "findings": [str(finding) for finding in found],
        }
        self.stdout.write(json.dumps(answer))
