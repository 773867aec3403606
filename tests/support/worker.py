"""The worker's jobs, done at once."""

from datetime import datetime

from django.utils import timezone

from nichandle.platform.jobs import operations as jobs
from nichandle.platform.jobs import registry


def work(now: datetime | None = None) -> None:
    """Do the jobs that wait, as the worker does; mails are left for the test to deliver."""
    moment = now or timezone.now()
    while job := jobs.claim(worker="test", now=moment):
        registry.TASKS[job.name](job.payload, now=moment)
        jobs.finish(job)
