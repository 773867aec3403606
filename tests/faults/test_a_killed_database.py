"""`kill -9` of PostgreSQL under a worker loses nothing; the long form is `bench/kill-worker`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from nichandle.platform.kernel.database import is_postgresql

BENCH = Path(__file__).resolve().parents[2] / "bench" / "kill-worker"


@pytest.mark.slow
@pytest.mark.skipif(not is_postgresql(), reason="SQLite has no process of its own to kill")
def test_no_acknowledged_account_or_mail_is_lost_while_the_database_is_killed():
    command = [sys.executable, str(BENCH), "--kill", "database", "--accounts", "60"]
    done = subprocess.run(
        [*command, "--hurry", "--json"], capture_output=True, text=True, timeout=240, check=False
    )

    assert done.returncode == 0, done.stderr + done.stdout
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["kills"] >= 1
    assert found["accounts"] > 10
    assert found["missing"] == 0
    assert found["repeated_with_another_id"] == 0
