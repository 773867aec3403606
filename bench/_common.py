"""What the benches share: a product of their own on either engine, and where results go."""

import json
import os
import platform
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).resolve().parent / "results"
sys.path[:0] = [str(ROOT), str(ROOT / "script" / "lib")]

from cluster import Cluster, cluster  # noqa: E402 - found through the path above


@contextmanager
def product(
    engine: str, *, servers: list[Cluster] | None = None, **environment: str
) -> Iterator[dict[str, str]]:
    """
    Set Django up on an empty, durable database; yields the environment for its processes.

    ``servers`` is given the PostgreSQL server, for a bench that means it harm. Once in a process:
    Django reads its settings once.
    """
    with tempfile.TemporaryDirectory(prefix="nichandle-bench-") as data:
        given = {"NICHANDLE_DATA": data, **environment}
        if engine == "sqlite":
            yield _set_up(given)
            return
        with cluster(durable=True, max_connections="200", shared_buffers="512MB") as server:
            if servers is not None:
                servers.append(server)
            yield _set_up({**given, "NICHANDLE_DATABASE_URL": server.url()})


def _set_up(given: dict[str, str]) -> dict[str, str]:
    for name in [name for name in os.environ if name.startswith("NICHANDLE_")]:
        del os.environ[name]
    os.environ.update(given, DJANGO_SETTINGS_MODULE="nichandle.config.settings")
    # Django's settings take the secrets out of what this process has.
    environment = dict(os.environ)

    import django  # noqa: PLC0415 - only now are the settings there
    from django.core.management import call_command  # noqa: PLC0415 - likewise

    django.setup()
    call_command("migrate", verbosity=0)
    return environment


def about_here() -> dict[str, Any]:
    """Return what a figure depends on besides the code: machine, versions, build of the hash."""
    # A bench that only runs tests has no product of its own.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nichandle.config.settings")
    from nichandle.config.serving import start  # noqa: PLC0415 - only now are the settings there

    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    processor = model[1] if model else platform.machine()
    packages = ("django", "psycopg", "argon2-cffi-bindings")
    return {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "machine": f"{processor}, {platform.machine()}, Linux {platform.release()}",
        "versions": {
            "Python": platform.python_version(),
            **{name: metadata.version(name) for name in packages},
        },
        "hash": start.hashing(),
    }


def save(name: str, figures: dict[str, object], table: list[str]) -> None:
    """Write the raw figures and a table for people; print the table."""
    RESULTS.mkdir(exist_ok=True)
    about = about_here()
    text = json.dumps({**about, **figures}, indent=1, sort_keys=True)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    said = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    lines = [
        f"# {name}",
        "",
        f"{about['when']}, {about['cores']} cores, {about['machine']}.",
        f"{said}. {about['hash']}",
        "",
    ]
    (RESULTS / f"{name}.md").write_text("\n".join([*lines, *table]) + "\n", encoding="utf-8")
    print("\n".join([*lines[2:], *table]))


def percentile(values: list[float], share: float) -> float:
    """Return the value below which ``share`` of the values lie."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
