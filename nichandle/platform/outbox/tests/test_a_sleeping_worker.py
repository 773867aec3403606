"""A mail leaves a worker that sleeps in a process of its own, on either engine."""

import signal
import subprocess
import sys

import pytest
from django.utils import timezone

from nichandle.platform.jobs.models import Job, Pulse
from nichandle.platform.jobs.tests.test_the_worker import PATIENCE_SECONDS, environment, until
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.origin import NOWHERE
from nichandle.platform.outbox import operations
from nichandle.platform.outbox.models import Mail

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def written(number: int) -> int:
    mail = operations.enqueue(
        template="signup/mail/code",
        to=f"n{number}@example.org",
        language="en",
        context={"minutes": 30},
        secrets={"code": "BCDF-GHJK"},
        act=Act(NOWHERE, timezone.now()),
    )
    return mail.pk


def test_each_mail_leaves_that_another_process_commits(settings, tmp_path):
    command = [sys.executable, "-m", "nichandle.config.cli", "worker"]
    worker = subprocess.Popen(command, env=environment(settings, tmp_path))
    try:
        until(Pulse.objects.exists)
        # What is periodic is due at a first start; it sleeps when that is done.
        until(lambda: not Job.objects.exists())
        for number in range(3):
            mail = written(number)
            until(lambda mail=mail: Mail.objects.filter(pk=mail, state=Mail.State.SENT).exists())
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE_SECONDS) == 0
    finally:
        worker.kill()
        worker.wait()
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 3
