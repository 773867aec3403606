"""Libraries that are imported with their first use: which commands do without, and who has all."""

import subprocess
import sys

from nichandle.platform.kernel.later import later

LIBRARIES = {"email_validator", "phonenumbers", "segno", "ua_parser", "webauthn", "zxcvbn"}
SET_UP = "import django, sys; django.setup(); "
SAY = "print(*{name.partition('.')[0] for name in sys.modules})"


def imported(then: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", SET_UP + then + SAY],
        env={"DJANGO_SETTINGS_MODULE": "nichandle.config.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_a_process_that_has_set_up_has_read_no_library_it_may_never_use():
    assert imported("") & (LIBRARIES | {"psycopg"}) == set()


def test_one_that_serves_reads_them_all_before_but_for_the_driver_of_another_engine():
    found = imported(
        "import nichandle.config.urls; from nichandle.platform.kernel.later import load; load(); "
    )

    assert found >= LIBRARIES
    assert "psycopg" not in found


def test_a_name_is_found_in_the_library_it_stands_for():
    numbers = later("numbers")

    assert isinstance(1, numbers.Number)
    assert numbers.Number is numbers.Number
