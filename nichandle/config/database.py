"""Reads the database's address into Django's terms."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from nichandle.config.options import SettingWrong

SQLITE_OPTIONS = {
    # One writer at a time that waits its turn; DEFERRED would answer "database is locked".
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # The last one: a REPLACE asks the triggers that guard what never changes, too.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;"
    " PRAGMA recursive_triggers=ON;",
}

LOCAL = {"", "localhost", "127.0.0.1", "::1"}


def parse(url: str, *, data: Path) -> dict[str, Any]:
    """
    Turn ``sqlite:///path`` or ``postgresql://…`` (or nothing) into a DATABASES entry.

    :raises SettingWrong: when it is neither
    """
    if not url:
        return _sqlite(str(data / "nichandle.sqlite3"))
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(unquote(parts.path[1:] if parts.path.startswith("//") else parts.path))
    if parts.scheme in {"postgresql", "postgres"}:
        return {
            "ENGINE": "nichandle.platform.kernel.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": _sealed(unquote(parts.hostname or ""), dict(parse_qsl(parts.query))),
        }
    raise SettingWrong("NICHANDLE_DATABASE_URL must begin with sqlite:/// or postgresql://.")


def _sealed(host: str, options: dict[str, str]) -> dict[str, str]:
    """
    Ask for TLS on the way to another machine, unless the operator has said what to ask for.

    The library's own default falls back to clear text in silence.
    """
    host = options.get("host") or host
    here = host in LOCAL or host.startswith("/")
    return options if here else {"sslmode": "require", **options}


def _sqlite(name: str) -> dict[str, Any]:
    return {
        "ENGINE": "nichandle.platform.kernel.sqlite3",
        "NAME": name,
        "CONN_MAX_AGE": None,
        "OPTIONS": SQLITE_OPTIONS,
    }
