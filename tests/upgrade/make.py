"""
Makes the databases of one commit, for the tests of later ones.

    .venv/bin/python -m tests.upgrade.make NAME [--source CHECKOUT] [--moment MOMENT]

The same story is lived through on both engines, by the code of a checkout with the packages of this
one, and ends at a moment such as 2027-01-15T06:00+00:00. Needs PostgreSQL on this machine, of the
oldest version supported: an older server cannot read all that a newer one's pg_dump writes.
"""

import argparse
import secrets
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.upgrade import databases, story
from tests.upgrade.product import DATA, Kept, Product

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "script" / "lib"))

from cluster import Cluster, cluster


def make_sqlite(folder: Path, source: Path | None, end: datetime) -> None:
    with tempfile.TemporaryDirectory(prefix="nichandle-kept-") as place:
        url = f"sqlite://{place}/nichandle.sqlite3"
        _live(folder / "sqlite.json", url, source, end)
        databases.write(databases.dump_sqlite(url), folder / "sqlite.sql.gz")


def make_postgresql(folder: Path, source: Path | None, end: datetime) -> None:
    with cluster() as server:
        _live(folder / "postgresql.json", server.url(), source, end)
        databases.write(_dump_postgresql(server), folder / "postgresql.sql.gz")


ENGINES = {"sqlite": make_sqlite, "postgresql": make_postgresql}


def _live(file: Path, url: str, source: Path | None, end: datetime) -> None:
    secret = secrets.token_urlsafe(48)
    with tempfile.TemporaryDirectory(prefix="nichandle-kept-") as data:
        kept = Kept(at="", secret=secret)
        story.live(Product(Path(data), url, secret, source), kept, end)
    kept.write(file)


def _dump_postgresql(server: Cluster) -> str:
    # INSERT rather than COPY: it needs no psql to be restored.
    plain = ("--inserts", "--no-owner", "--no-privileges", "--encoding=UTF8")
    done = subprocess.run(
        [server.bin / "pg_dump", *plain, server.url()], capture_output=True, text=True, check=True
    )
    return done.stdout


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("name", help="day and commit, such as 2027-01-15-1a2b3c4")
    parser.add_argument("--source", type=Path, help="a checkout of the commit, if not this one")
    parser.add_argument(
        "--moment", type=datetime.fromisoformat, default=datetime.now(UTC), help="now, if not given"
    )
    parser.add_argument("--engine", choices=ENGINES, action="append", help="only this one")
    given = parser.parse_args()
    folder = DATA / given.name
    folder.mkdir(parents=True, exist_ok=True)
    for engine in given.engine or ENGINES:
        ENGINES[engine](folder, given.source and given.source.resolve(), given.moment)


if __name__ == "__main__":
    main()
