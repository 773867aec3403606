from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from nichandle.config import demo


class Command(BaseCommand):
    help = "Load the demo data: three customers with known passwords and what belongs to them."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Demo data are for demo mode only: NICHANDLE_MODE=demo.")
        if demo.present():
            self.stdout.write("The demo data are there already.")
            return
        for line in demo.load(timezone.now()):
            self.stdout.write(line)
