"""A disk that is full, and a database file that is taken away under a running product."""

import os
import shutil
import subprocess
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from nichandle.platform.kernel.database import is_postgresql
from tests.upgrade.product import Product, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(is_postgresql(), reason="a file is SQLite's"),
]
SECRET = "kX9-2mQ7_vL4pR8sT1wZ6yB3nC5dF0gH"


def ready_again(product):
    """Wait for it, and show what it says where it does not come."""
    try:
        until("it is ready again", lambda: product.answers("/readyz"), seconds=60)
    except AssertionError as late:
        raise AssertionError(f"{readiness(product)}\n{product.said('serve')}") from late


def readiness(product):
    try:
        with urlopen(f"http://127.0.0.1:{product.port}/readyz", timeout=10) as answer:
            return answer.read().decode()
    except HTTPError as error:
        return error.read().decode()


@pytest.fixture
def product(tmp_path, migrated_file):
    data = tmp_path / "data"
    data.mkdir()
    made = Product(data, f"sqlite://{data}/nichandle.sqlite3", SECRET)
    shutil.copyfile(migrated_file, data / "nichandle.sqlite3")
    made.command("migrate", "--verbosity=0")
    return made


def test_a_file_that_is_gone_shows_is_not_made_anew_and_is_taken_up_when_it_is_back(product):
    file = product.data / "nichandle.sqlite3"
    with product.serving():
        aside = product.data / "aside"
        aside.mkdir()
        for part in product.data.glob("nichandle.sqlite3*"):
            part.rename(aside / part.name)

        until("it shows", lambda: '"why": "gone"' in readiness(product), seconds=20)
        time.sleep(2)
        assert not list(product.data.glob("nichandle.sqlite3*")), "nobody makes another"

        for part in aside.iterdir():
            part.rename(product.data / part.name)
        ready_again(product)
    assert file.exists()


@pytest.fixture
def small(tmp_path):
    """A disk of its own of a few megabytes; only root can have one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "none", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_full_disk_shows_and_what_was_written_there_is_written_again_when_it_is_not(
    tmp_path, small, migrated_file
):
    data = tmp_path / "data"
    data.mkdir()
    product = Product(data, f"sqlite://{small}/nichandle.sqlite3", SECRET)
    shutil.copyfile(migrated_file, small / "nichandle.sqlite3")
    product.command("migrate", "--verbosity=0")
    with product.serving():
        filling = small / "filling"
        _fill(filling)
        until("it shows", lambda: '"database": false' in readiness(product), seconds=60)

        filling.unlink()
        ready_again(product)


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as out:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    out.write(b"x" * size)
            except OSError:
                continue
