"""`kill -9` of what issues leaves no gap between numbers; the long form is `bench/issuing`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from nichandle.platform.kernel.database import is_postgresql

BENCH = Path(__file__).resolve().parents[2] / "bench" / "issuing"


@pytest.mark.slow
def test_no_number_is_left_out_or_given_twice_while_issuers_are_killed():
    engine = "postgresql" if is_postgresql() else "sqlite"
    command = [sys.executable, str(BENCH), "--engine", engine, "--documents", "40", "--kills", "3"]
    done = subprocess.run(
        [*command, "--json"], capture_output=True, text=True, timeout=240, check=False
    )

    assert done.returncode == 0, done.stderr + done.stdout
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["kills"] >= 2
    assert found["documents"] == found["with_pdf_and_xml"] == 40
    assert found["gaps_or_repeats"] == 0
