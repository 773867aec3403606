"""The command `nichandle` as an operator meets it: sentences and exit codes."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from nichandle.config.serving import start
from nichandle.platform.jobs.models import Job

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path, unused_port):
    """An operator's environment: a folder and a port of their own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NICHANDLE_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return {
        **kept,
        "NICHANDLE_DATA": str(tmp_path / "data"),
        "NICHANDLE_PORT": str(unused_port),
        "LANG": "C",
    }


@pytest.fixture
def migrated(migrated_file):
    """Migrate an installation's database; most of the work is done already."""

    def migrate(world, **changes):
        data = Path(world["NICHANDLE_DATA"])
        data.mkdir(mode=0o700)
        shutil.copyfile(migrated_file, data / "nichandle.sqlite3")
        return nichandle(world, "migrate", "--verbosity=0", **changes)

    return migrate


def nichandle(world, *arguments, **changes):
    return subprocess.run(
        [sys.executable, "-m", "nichandle.config.cli", *arguments],
        check=False,
        env={**world, **changes},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_wrong_setting_is_one_sentence_and_exit_code_1(world):
    done = nichandle(world, "migrate", NICHANDLE_PORT="http")

    assert done.returncode == 1
    assert done.stdout == ""
    assert (
        done.stderr == "nichandle: NICHANDLE_PORT must be a port, from 1 to 65535; it is “http”.\n"
    )


def test_an_unknown_command_is_wrong_usage(world):
    done = nichandle(world, "sreve")

    assert done.returncode == 2
    assert done.stderr == "nichandle: there is no command sreve; see `nichandle help`.\n"


def test_an_unknown_option_is_wrong_usage(world):
    assert nichandle(world, "serve", "--quickly").returncode == 2


def test_production_does_not_start_on_demo_settings(world):
    done = nichandle(world, "serve", NICHANDLE_MODE="production")

    assert done.returncode == 1
    assert "Production does not start" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_named_with_the_way_out(world):
    with socket.create_server(("127.0.0.1", int(world["NICHANDLE_PORT"]))):
        done = nichandle(world, "serve", "--prepare")

    assert done.returncode == 1
    assert f"Port {world['NICHANDLE_PORT']} is taken" in done.stderr
    assert "NICHANDLE_PORT=" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_host_of_another_machine_is_named(world):
    done = nichandle(world, "serve", NICHANDLE_HOST="192.0.2.1")

    assert done.returncode == 1
    assert "NICHANDLE_HOST is 192.0.2.1" in done.stderr


def test_a_database_that_is_not_up_to_date_is_not_served(world):
    assert nichandle(world, "migrate", "jobs", "--verbosity=0").returncode == 0
    done = nichandle(world, "serve")

    assert done.returncode == 1
    assert "Run `nichandle migrate` first" in done.stderr


def test_a_database_that_does_not_answer_is_a_sentence(world, unused_port):
    url = "postgresql://nobody@127.0.0.1:1/nowhere"
    done = nichandle(world, "serve", "--prepare", NICHANDLE_DATABASE_URL=url)

    assert done.returncode == 1
    assert "The database does not answer" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_full_or_closed_data_folder_is_a_sentence(world, tmp_path):
    (tmp_path / "file").write_text("")
    done = nichandle(world, "serve", NICHANDLE_DATA=str(tmp_path / "file"))

    assert done.returncode == 1
    assert "NICHANDLE_DATA" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_accent_nobody_can_read_stops_the_start(world):
    done = nichandle(world, "serve", "--prepare", NICHANDLE_ACCENT="#ffffee")

    assert done.returncode == 1
    assert "NICHANDLE_ACCENT" in done.stderr


def test_check_tells_when_all_is_well_also_to_a_program(world, migrated):
    assert migrated(world).returncode == 0

    done = nichandle(world, "check")
    assert done.returncode == 0, done.stderr
    assert "it can start" in done.stdout
    told = json.loads(nichandle(world, "check", "--json").stdout)
    assert (told["mode"], told["database"], told["findings"]) == ("demo", "sqlite", [])
    assert f"Argon2id: {told['argon2id']} build" in done.stdout
    assert ("huge pages" in done.stdout) is told["huge_pages"]


@pytest.mark.django_db
def test_check_names_the_jobs_that_the_worker_has_given_up(capsys):
    now = timezone.now()
    for state in (Job.State.READY, Job.State.DEAD):
        error = f"{state} of it"
        Job.objects.create(
            name="payments.refund", state=state, run_at=now, created_at=now, last_error=error
        )
    dead = Job.objects.get(state=Job.State.DEAD)

    call_command("check")
    said = capsys.readouterr().out
    assert f"Given up by the worker: payments.refund ({dead.pk}): dead of it" in said
    assert "ready of it" not in said
    call_command("check", "--json")
    told = json.loads(capsys.readouterr().out)["dead_jobs"]
    assert told == [f"payments.refund ({dead.pk}): dead of it"]


def test_check_explains_every_fault_of_a_catalogue(world, migrated, tmp_path):
    file = tmp_path / "catalogue.yaml"
    file.write_text("currency: EURO\nfamilies: {}\nterms: {}\nprodukts: {}\n", "utf-8")
    assert migrated(world).returncode == 0

    done = nichandle(world, "check", NICHANDLE_CATALOGUE_FILE=str(file))
    assert done.returncode == 1
    assert f"{file}, line 1: 'EURO' is no currency. Write the three letters" in done.stderr
    assert f"{file}, line 4: 'produkts' is not known here. Write 'products'" in done.stderr
    told = nichandle(world, "check", "--json", NICHANDLE_CATALOGUE_FILE=str(file))
    assert len(json.loads(told.stdout)["catalogue"]) == 4
    assert told.returncode == 1


def first_page(world):
    address = f"http://127.0.0.1:{world['NICHANDLE_PORT']}/"
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.status, answer.read().decode()


def serve(world, folder):
    """Serve until the first page was read: what was said, the page, exit code, noise."""
    said, noise = folder / "said", folder / "noise"
    with said.open("w") as out, noise.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "nichandle.config.cli", "serve", "--prepare"],
            env=world,
            stdout=out,
            stderr=errors,
        )
    try:
        while process.poll() is None and "ready" not in said.read_text():
            time.sleep(0.05)
        page = first_page(world) if process.poll() is None else (0, "")
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    finally:
        process.kill()
    return said.read_text(), page, process.returncode, noise.read_text()


def test_serve_prepares_everything_says_one_line_and_keeps_the_data(world, tmp_path):
    line = f"Nichandle is ready: http://localhost:{world['NICHANDLE_PORT']}"
    first, page, code, noise = serve(world, tmp_path)

    # Where hashing is slower than it could be, each start says so, and nothing else.
    slower = start.slower_hashing()
    expected = f"{slower}\n" if slower else ""
    assert (code, noise) == (0, expected)
    assert page[0] == 200
    assert "</html>" in page[1]
    assert first.splitlines()[0] == line
    assert "dm429850-OVH" in first
    second, _, code, noise = serve(world, tmp_path)
    assert (second, code, noise) == (f"{line}\n", 0, expected), (
        "accounts are told on the first run only"
    )
    database = sqlite3.connect(Path(world["NICHANDLE_DATA"]) / "nichandle.sqlite3")
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()


PRODUCTION = {
    "NICHANDLE_MODE": "production",
    "NICHANDLE_BASE_URL": "https://area.example.com",
    "NICHANDLE_MAIL_URL": "smtp://mail.example.com?starttls=1",
    "NICHANDLE_MAIL_FROM": "no-reply@example.com",
    "NICHANDLE_BRAND": "Example",
    "NICHANDLE_SUFFIX": "EX",
    "NICHANDLE_SECRET_KEY": "kX9-2mQ7_vL4pR8sT1wZ6yB3nC5dF0gH",
}


def test_demo_data_are_not_loaded_in_production(world):
    done = nichandle(world, "demo", **PRODUCTION)

    assert done.returncode == 1
    assert "demo mode only" in done.stderr


def test_production_does_not_serve_what_demo_mode_left(world, migrated):
    assert migrated(world).returncode == 0
    assert "dm429850-OVH" in nichandle(world, "demo").stdout
    assert "there already" in nichandle(world, "demo").stdout

    for command in ("serve", "check"):
        done = nichandle(world, command, **PRODUCTION)
        assert done.returncode == 1
        assert "the database holds demo data" in done.stderr


def test_production_on_a_database_of_its_own_passes_every_check(world, migrated):
    assert migrated(world, **PRODUCTION).returncode == 0
    done = nichandle(world, "check", **PRODUCTION)

    assert (done.returncode, done.stderr) == (0, "")
    assert "production mode" in done.stdout


def test_check_leaves_no_trace(world, tmp_path):
    done = nichandle(world, "check", NICHANDLE_DATA=str(tmp_path / "nowhere" / "data"))

    assert done.returncode == 1
    assert "There is no database at" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "command", ["serve", "worker", "check", "demo", "account show dm429850-OVH", "audit verify"]
)
def test_what_serves_or_looks_never_makes_a_database(world, tmp_path, command):
    done = nichandle(world, *command.split())

    assert done.returncode == 1
    assert "There is no database at" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("*.sqlite3*"))
    assert not list(tmp_path.rglob("secret"))


def test_an_empty_database_beside_what_is_left_of_another_is_not_filled_unasked(
    world, tmp_path, migrated
):
    assert migrated(world).returncode == 0
    for file in (tmp_path / "data").glob("*.sqlite3*"):
        file.unlink()

    for words in (("migrate",), ("serve", "--prepare")):
        done = nichandle(world, *words)
        assert done.returncode == 1
        assert "holds the secret of an installation" in done.stderr
        assert "nichandle migrate --new" in done.stderr
        assert not list(tmp_path.rglob("*.sqlite3*"))
    assert nichandle(world, "migrate", "--new", "--verbosity=0").returncode == 0
    assert nichandle(world, "check").returncode == 0


OTHER = "pV3-8kW2_zT5mN7qR9xB4yC6sD1gH0jL"


def test_a_secret_that_the_database_does_not_know_is_refused_and_a_new_one_beside_it_is_not(
    world, migrated
):
    first = PRODUCTION["NICHANDLE_SECRET_KEY"]
    assert migrated(world, **PRODUCTION).returncode == 0
    strange = {**PRODUCTION, "NICHANDLE_SECRET_KEY": OTHER}

    for command in ("serve", "serve --prepare", "worker", "check", "migrate"):
        done = nichandle(world, *command.split(), **strange)
        assert done.returncode == 1, command
        assert "written with another secret" in done.stderr
        assert "Traceback" not in done.stderr
        assert OTHER not in done.stderr
    both = {**strange, "NICHANDLE_SECRET_KEY_OLD": first}
    assert nichandle(world, "check", **both).returncode == 0
    assert nichandle(world, "check", **PRODUCTION).returncode == 0, "looking changes nothing"
    assert nichandle(world, "migrate", "--verbosity=0", **both).returncode == 0
    assert nichandle(world, "check", **strange).returncode == 0, "the old one may go now"
    assert nichandle(world, "check", **PRODUCTION).returncode == 1


def test_a_secret_that_is_lost_for_good_is_replaced_only_by_word(world, migrated):
    assert migrated(world, **PRODUCTION).returncode == 0
    new = {**PRODUCTION, "NICHANDLE_SECRET_KEY": OTHER}

    done = nichandle(world, "secret", "accept", **new)

    assert (done.returncode, done.stderr) == (0, "")
    assert "are lost" in done.stdout
    assert nichandle(world, "check", **new).returncode == 0


def test_the_suffix_of_identifiers_that_were_issued_cannot_be_changed(world, migrated):
    assert migrated(world).returncode == 0
    assert nichandle(world, "demo").returncode == 0
    assert nichandle(world, "check", NICHANDLE_SUFFIX="EX").returncode == 0, "those were imported"
    database = sqlite3.connect(Path(world["NICHANDLE_DATA"]) / "nichandle.sqlite3")
    with database:
        database.execute(
            "INSERT INTO handles_handle (key, text, kind, issued_at)"
            " VALUES ('zz123456-ovh', 'zz123456-OVH', 'issued', '2026-11-01 10:00:00')"
        )
    database.close()

    for command in ("worker", "check", "migrate", "serve"):
        done = nichandle(world, command, NICHANDLE_SUFFIX="EX")
        assert done.returncode == 1
        assert "end with -OVH" in done.stderr
    assert nichandle(world, "check").returncode == 0
