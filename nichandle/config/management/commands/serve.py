import sys
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.utils import timezone, translation

from nichandle.commerce.catalogue import following
from nichandle.config import demo
from nichandle.config.installation import belonging, place
from nichandle.config.serving import listening, start, supervisor, web, wsgi
from nichandle.config.serving.gateway import Application


def _serve(application: Application) -> None:
    web.take_long_turns()
    listening.main(application)


def _work() -> None:
    try:
        call_command("worker")
    except CommandError as reason:
        sys.exit(str(reason))


class Command(BaseCommand):
    help = "Run the web server and the worker on this machine until TERM or Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--prepare",
            action="store_true",
            help="first migrate the database and, in demo mode, load demo data into an empty one",
        )

    def handle(self, *args: Any, prepare: bool, **options: Any) -> None:
        start.refuse_port_taken()
        start.refuse_wrong_settings()
        lines = self._prepared() if prepare else self._checked()
        if not settings.DEMO and demo.present():
            raise demo.DemoInProduction
        belonging.refuse_strange()
        belonging.remember(now=timezone.now())
        following.follow(now=timezone.now())
        if slower := start.slower_hashing():
            self.stderr.write(slower)
        start.collect_static()
        application = wsgi.whole()
        # A connection must not be shared by two processes.
        connections.close_all()
        translation.deactivate()
        plan = supervisor.Plan(
            host=settings.NICHANDLE_HOST,
            port=settings.NICHANDLE_PORT,
            name=settings.ALLOWED_HOSTS[0],
            url=settings.BASE_URL,
            web=partial(_serve, application),
            worker=_work,
            lines=tuple(lines),
            maintenance=settings.NICHANDLE_MAINTENANCE,
        )
        sys.exit(supervisor.run(plan))

    def _checked(self) -> list[str]:
        if missing := start.missing_migrations():
            raise start.NotMigrated(count=missing)
        return []

    def _prepared(self) -> list[str]:
        belonging.refuse_empty_beside_another()
        if not place.is_missing():
            belonging.refuse_strange()
        # The mark outlives a start that was broken off between the two.
        mark = settings.NICHANDLE_DATA / "demo-wanted"
        if settings.DEMO and start.database_is_empty():
            mark.touch()
        start.migrate()
        belonging.remember(now=timezone.now())
        if not settings.DEMO or not mark.exists():
            return []
        lines = demo.load(timezone.now())
        mark.unlink()
        return lines
