"""Behind PgBouncer in transaction mode, which lends each transaction another connection."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import timezone

from nichandle.platform.audit.operations import anchor
from nichandle.platform.kernel.database import is_postgresql
from tests.support.people import PASSWORD, make_person
from tests.support.pooler import pgbouncer, pooled

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not is_postgresql(), reason="SQLite has no pooler"),
    pytest.mark.skipif(not pgbouncer(), reason="PgBouncer is not installed"),
]
ROOT = Path(__file__).resolve().parents[2]
PROCESSES = 5


@pytest.fixture
def behind():
    """Run a program of ours behind the pooler; return how it ended."""
    with pooled() as url:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "nichandle.config.settings_test",
            "NICHANDLE_TEST_DATABASE_URL": url,
        }

        def run(*words: str):
            return subprocess.run(
                [sys.executable, "-m", *words],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )

        yield run


def test_the_first_visitors_of_every_new_process_are_all_answered(behind):
    for process in range(PROCESSES):
        people = [make_person(f"visitor-{process}-{number}@example.org") for number in range(8)]
        done = behind("tests.faults.at_once", PASSWORD, *(person.handle for person in people))

        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == [302] * 8, done.stderr
        assert "prepared statement" not in done.stderr


def test_the_ledger_is_proven_and_anchored_there_too(behind, customer):
    make_person("paul@example.org")
    anchor(now=timezone.now())

    done = behind("nichandle.config.cli", "audit", "verify")

    assert (done.returncode, done.stderr) == (0, "")
    assert "The ledger holds" in done.stdout
