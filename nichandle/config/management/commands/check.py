import json
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.management.base import CommandParser
from django.core.management.commands.check import Command as DjangoCheck
from django.db import connection
from django.utils import timezone

from nichandle.commerce.catalogue import following
from nichandle.commerce.invoices.queries import held
from nichandle.commerce.invoices.vies import answers as vies
from nichandle.commerce.payments.providers import registry
from nichandle.config import demo
from nichandle.config.installation import belonging, hugepages
from nichandle.config.serving import start
from nichandle.identity.accounts.passwords import builds
from nichandle.platform.jobs.queries import dead_jobs
from nichandle.platform.outbox.queries import unreadable


class Command(DjangoCheck):
    help = "Tell whether the product could start: settings, database, migrations, templates."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--json", action="store_true", help="for a program to read")

    def handle(self, *app_labels: Any, **options: Any) -> None:
        # Whoever read this far has settings that could be read.
        if missing := start.missing_migrations():
            raise start.NotMigrated(count=missing)
        if not settings.DEMO and demo.present():
            raise demo.DemoInProduction
        belonging.refuse_strange()
        if not settings.DEMO:
            # What Django wants of settings that face the world.
            options["deploy"], options["fail_level"] = True, "WARNING"
        waiting, wrong = unreadable(), following.trouble()
        payments = registry.faults(now=timezone.now())
        if not options["json"]:
            super().handle(*app_labels, **options)
            self._say(payments, waiting)
            if wrong:
                raise wrong
            self.stdout.write(f"{settings.NICHANDLE_MODE} mode, {connection.vendor}: it can start.")
            return
        found = checks.run_checks(include_deployment_checks=bool(options["deploy"]))
        answer = {
            "mode": settings.NICHANDLE_MODE,
            "database": connection.vendor,
            "findings": [str(finding) for finding in found],
            "unreadable_mails": waiting,
            "argon2id": builds.chosen().name,
            "huge_pages": not hugepages.trouble(),
            "catalogue": wrong.lines if wrong else [],
            "payments": payments,
            "dead_jobs": dead_jobs_said(),
            "vies": vies.faults(),
            "invoices_held": [f"{draft.cause}: {draft.trouble}" for draft in held()],
        }
        self.stdout.write(json.dumps(answer))
        if wrong:
            raise SystemExit(1)

    def _say(self, payments: list[str], waiting: int) -> None:
        """Tell what needs somebody though it keeps nothing from starting."""
        self.stdout.write("".join(f"{line}\n" for line in payments), ending="")
        for job in dead_jobs_said():
            self.stdout.write(f"Given up by the worker: {job}")
        if waiting:
            self.stdout.write(
                f"{waiting} mails wait for the secret they were sealed with: put it back."
            )
        self.stdout.write("".join(f"{line}\n" for line in vies.faults()), ending="")
        for draft in held():
            self.stdout.write(f"No invoice for {draft.cause} of {draft.handle}: {draft.trouble}")
        self.stdout.write(start.hashing())


def dead_jobs_said() -> list[str]:
    """Name the jobs that the worker has given up, and what ended them."""
    return [f"{job.name} ({job.pk}): {job.last_error}" for job in dead_jobs()]
