"""`nichandle worker`: does the jobs and sends the mails until it is told to stop."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from nichandle.config.installation import belonging
from nichandle.platform.jobs.worker import Worker


class Command(BaseCommand):
    help = "Do the jobs and send the mails, until TERM or Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        belonging.refuse_strange()
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        if not Worker(stop).run():
            raise CommandError("The worker has lost a part of itself; start it again.")
