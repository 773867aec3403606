"""`kill -9` of the worker loses no mail; the long form of this is `bench/kill-worker`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench" / "kill-worker"


@pytest.mark.slow
def test_no_confirmation_mail_is_lost_while_workers_are_killed():
    command = [sys.executable, str(BENCH), "--accounts", "60", "--hurry", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)

    assert done.returncode == 0, done.stderr + done.stdout
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["kills"] >= 2
    assert found["missing"] == 0
    assert found["repeated_with_another_id"] == 0
    assert found["repeated_with_the_same_id"] <= found["kills"]
