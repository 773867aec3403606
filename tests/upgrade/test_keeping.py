"""Backup, restore, upgrade and the way back, on a product that is at work meanwhile."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest

from tests.upgrade import databases
from tests.upgrade.browser import Browser
from tests.upgrade.product import NICHANDLE, Kept, Product
from tests.upgrade.restored import ENGINE, FOLDERS, empty_database

# One backup for all of them.
pytestmark = [pytest.mark.slow, pytest.mark.engine, pytest.mark.xdist_group("keeping")]
SECRET = "kX9-2mQ7_vL4pR8sT1wZ6yB3nC5dF0gH"
OTHER = "pV3-8kW2_zT5mN7qR9xB4yC6sD1gH0jL"
LIMITS = ", ".join(
    f"{name}=100000/1h" for name in ("signup.network", "unproven.network", "password.judge")
)
OPENINGS = "SELECT address FROM signup_creation"
MAILS = "SELECT recipient FROM outbox_mail WHERE template = 'signup/mail/code'"


class Installation(Product):
    """A product on whose pages anybody may begin as often as they like."""

    @property
    def environment(self):
        return {**super().environment, "NICHANDLE_LIMITS": LIMITS}

    def begin(self, migrated_file: Path | None) -> None:
        """Have an empty, migrated database; on SQLite most of the work is done already."""
        if migrated_file:
            shutil.copyfile(migrated_file, self.data / "nichandle.sqlite3")
        self.command("migrate", "--no-input", "--verbosity=0")

    def refused(self, *words: str) -> str:
        """Run a command that says no; return its sentence."""
        done = subprocess.run(
            [NICHANDLE, *words], **self._placed, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stderr

    def emails(self, query: str) -> set[str]:
        return {email for (email,) in databases.ask(self.database_url, query)}


@contextmanager
def installation(folder: Path, secret: str = SECRET) -> Iterator[Installation]:
    folder.mkdir()
    with empty_database(folder) as url:
        yield Installation(folder, url, secret)


class Visitors:
    """People who sign up all the time; knows of whom it was said that a code is on its way."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.acknowledged: list[str] = []
        self.enough = threading.Event()
        self.threads = [threading.Thread(target=self._come, args=[n]) for n in range(3)]

    def __enter__(self) -> Self:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.enough.set()
        for thread in self.threads:
            thread.join()

    def wait(self, many: int) -> None:
        while len(self.acknowledged) < many:
            assert all(thread.is_alive() for thread in self.threads)
            self.enough.wait(0.05)

    def _come(self, number: int) -> None:
        for visit in range(10000):
            if self.enough.is_set():
                return
            browser, email = Browser(self.port), f"visitor-{number}-{visit}@example.org"
            browser.get("/signup")
            given = {"country": "FR", "language": "fr", "email": email}
            page = browser.post("/signup", password="lavender tram across winter", **given)
            assert page.path == "/signup/code", page.text
            self.acknowledged.append(email)


@dataclass
class Made:
    """A backup that was made while visitors came."""

    folder: Path
    told: str
    before: set[str]
    acknowledged: set[str]


@pytest.fixture(scope="module")
def backup(tmp_path_factory, migrated_file) -> Iterator[Made]:
    root = tmp_path_factory.mktemp("keeping")
    with installation(root / "data") as product:
        product.begin(migrated_file)
        product.command("demo")
        with product.serving(), Visitors(product.port) as visitors:
            visitors.wait(6)
            before = set(visitors.acknowledged)
            told = product.command("backup", str(root / "backup"))
            visitors.wait(len(visitors.acknowledged) + 3)
        yield Made(root / "backup", told, before, set(visitors.acknowledged))


def test_a_backup_holds_all_that_was_acknowledged_before_it_and_nothing_by_half(backup, tmp_path):
    with installation(tmp_path / "data") as product:
        told = product.command("restore", str(backup.folder))

        assert "The ledger holds" in told
        found = {email for email in product.emails(OPENINGS) if email.startswith("visitor")}
        assert backup.before <= found
        assert found == {email for email in product.emails(MAILS) if email.startswith("visitor")}
        assert "it can start" in product.command("check")
        assert "The ledger holds" in product.command("audit", "verify")
        assert "there already" in product.command("demo")
        with product.serving():
            assert Browser(product.port).get("/signin").status == 200


def test_a_backup_says_what_it_is_and_where_its_secret_is_not(backup):
    manifest = json.loads((backup.folder / "manifest.json").read_text())

    assert ENGINE in backup.told
    assert f"The secret {manifest['secret_name']} is not inside" in backup.told
    assert SECRET not in "".join(
        path.read_text("latin-1") for path in backup.folder.rglob("*") if path.is_file()
    )
    assert manifest["counts"]["signup_creation"] >= len(backup.before)
    assert {path.stat().st_mode & 0o77 for path in [backup.folder, *backup.folder.rglob("*")]} == {
        0
    }


def test_what_is_there_is_never_written_over(backup, tmp_path, migrated_file):
    with installation(tmp_path / "data") as product:
        product.begin(migrated_file)

        assert "not empty" in product.refused("backup", str(backup.folder))
        assert "restored only where there is nothing" in product.refused(
            "restore", str(backup.folder)
        )


def damage_a_byte(folder):
    file = next(folder.glob("database.*"))
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def change(**what):
    def written(folder):
        file = folder / "manifest.json"
        told = json.loads(file.read_text())
        file.write_text(json.dumps({**told, **{k: w(told[k]) for k, w in what.items()}}))

    return written


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (damage_a_byte, "is damaged: database."),
        (lambda folder: next(folder.glob("database.*")).unlink(), "is missing"),
        (lambda folder: (folder / "manifest.json").unlink(), "holds no complete backup"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "holds no complete backup"),
        (change(migrations=lambda had: [*had, "accounts.9999_to_come"]), "newer than this one"),
        (change(format=lambda had: had + 1), "newer than this one"),
        (change(engine=lambda had: "mysql"), "the settings name"),
        (change(counts=lambda had: {**had, "signup_creation": 0}), "has not the rows it had"),
    ],
)
def test_a_backup_that_is_not_what_it_was_is_not_restored(backup, tmp_path, spoil, sentence):
    copy = shutil.copytree(backup.folder, tmp_path / "copy")
    spoil(copy)
    with installation(tmp_path / "data") as product:
        assert sentence in product.refused("restore", str(copy))


def test_a_backup_is_restored_with_its_own_secret_only(backup, tmp_path):
    with installation(tmp_path / "data", OTHER) as product:
        assert "made with another secret" in product.refused("restore", str(backup.folder))
        assert databases_are_empty(product)


def test_a_secret_that_was_made_here_is_in_the_backup_and_comes_back(tmp_path, migrated_file):
    with installation(tmp_path / "data", "") as product:
        product.begin(migrated_file)
        made = (product.data / "secret").read_text()
        assert "The secret is inside" in product.command("backup", str(tmp_path / "backup"))
    with installation(tmp_path / "other", "") as product:
        product.command("restore", str(tmp_path / "backup"))
        assert (product.data / "secret").read_text() == made
        assert "it can start" in product.command("check")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.name))
def test_an_upgrade_is_one_command_and_so_is_the_way_back(folder, tmp_path):
    kept = Kept.read(folder / f"{ENGINE}.json")
    with installation(tmp_path / "data", kept.secret) as product:
        databases.restore(folder / f"{ENGINE}.sql.gz", product.database_url)
        product.travel(kept.moment)
        (product.data / "anchors").mkdir()
        for name, lines in kept.anchors.items():
            (product.data / "anchors" / name).write_text(lines, encoding="utf-8")
        before = databases.facts(product.database_url)

        told = product.command("upgrade")
        assert "Backup: " in told
        assert "Migrated: " in told
        assert "The ledger holds" in told
        assert "nothing to migrate" in product.command("upgrade")

        told = product.command("downgrade", folder.name)
        assert "Taken back: " in told
        after = databases.facts(product.database_url)
        del before["django_migrations"], after["django_migrations"]
        assert after == before
        assert "nothing to do" in product.command("downgrade", folder.name)
        assert "Migrated: " in product.command("upgrade"), "and forward again"


def databases_are_empty(product):
    if ENGINE == "sqlite":
        return not list(product.data.glob("*.sqlite3*"))
    return not databases.tables(product.database_url)
