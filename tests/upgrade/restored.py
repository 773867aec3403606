"""A kept database that is restored on the engine under test, and the product on it."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests.upgrade import databases
from tests.upgrade.browser import Browser
from tests.upgrade.product import DATA, Kept, Product

SERVER = os.environ.get("NICHANDLE_TEST_DATABASE_URL", "")
ENGINE = "postgresql" if SERVER else "sqlite"
FOLDERS = sorted(folder for folder in DATA.iterdir() if folder.is_dir())


@dataclass(frozen=True)
class Upgraded:
    """
    The product of today on a database of then: its rows as they were, and once migrated.

    ``told`` is what ``migrate`` said.
    """

    product: Product
    kept: Kept
    told: str
    before: databases.Rows
    after: databases.Rows

    def browser(self, name: str = "", *, signed_in: bool = True) -> Browser:
        """Give back a browser of then, or a new one."""
        cookies = dict(self.kept.cookies[name]) if name else {}
        if not signed_in:
            cookies.pop("session", None)
        return Browser(self.product.port, cookies)

    def ask(self, query: str) -> list[tuple[object, ...]]:
        return databases.ask(self.product.database_url, query)


@contextmanager
def empty_database(data: Path) -> Iterator[str]:
    """Give the address of a database for as long as the block runs."""
    if not SERVER:
        yield f"sqlite://{data}/nichandle.sqlite3"
        return
    name, parts = f"upgraded_{secrets.token_hex(4)}", urlsplit(SERVER)
    with psycopg.connect(parts._replace(path="/postgres").geturl(), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        try:
            yield parts._replace(path=f"/{name}").geturl()
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")
