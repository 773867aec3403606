"""
Everything that must hold before a change is taken, step by step, with a summary at the end.

    suite.py --missing="chromium gettext" -- [--quick | --sqlite | --postgresql] [for pytest]
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from changed import chosen
from cluster import NoPostgreSQL, cluster

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
TEST_URL = "NICHANDLE_TEST_DATABASE_URL"
PROCESSES = 2
QUICK_SECONDS = 60
"""So long `--quick` begins tests: with what is running then, it stays below ninety seconds."""
NOTHING_COLLECTED = 5
CLOSING = re.compile(r"\b\d+ (passed|failed|errors?|skipped|deselected)\b|no tests ran")
LEFT_OUT_OF_TIME = re.compile(r"\b\d+ tests left out")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")

# What a missing package of Debian's takes away.
TAKES_AWAY = {
    "gcc": "the tests of the faster build of Argon2id",
    "gettext": "the check of translations",
    "chromium": "the tests in a browser",
    "libatomic1": "the tests in a browser",
    "postgresql": "the tests on PostgreSQL",
    "pgbouncer": "the tests behind a pooler",
}
OK, FAILED, LEFT_OUT = "ok", "FAILED", "left out"


@dataclass
class Result:
    name: str
    outcome: str
    seconds: float
    closing: str = ""


@dataclass
class Suite:
    """The steps run so far, and what this machine cannot give."""

    missing: set[str]
    results: list[Result] = field(default_factory=list)
    printing: threading.Lock = field(default_factory=threading.Lock)

    def step(self, name: str, *command: str | Path, needs: str = "") -> None:
        """Run one check; its words are shown when it fails."""
        if needs in self.missing:
            self.results.append(Result(name, LEFT_OUT, 0))
            return
        begun = time.monotonic()
        done = subprocess.run(
            [str(part) for part in command], check=False, cwd=ROOT, capture_output=True, text=True
        )
        with self.printing:
            self.add(name, FAILED if done.returncode else OK, begun)
            if done.returncode:
                print(done.stdout + done.stderr, flush=True)

    def tests(self, name: str, *arguments: str, url: str = "") -> None:
        """Run pytest, showing it as it goes and keeping its closing line."""
        begun = time.monotonic()
        print(f"\n{name}", flush=True)
        code, closing = self._pytest(arguments, url)
        outcome = {0: OK, NOTHING_COLLECTED: LEFT_OUT}.get(code, FAILED)
        self.results.append(Result(name, outcome, time.monotonic() - begun, closing))

    def _pytest(self, arguments: tuple[str, ...], url: str) -> tuple[int, str]:
        colour = ["--color=yes"] if sys.stdout.isatty() else []
        environment = {name: value for name, value in os.environ.items() if name != TEST_URL}
        if url:
            environment[TEST_URL] = url
        closing = too_late = ""
        with subprocess.Popen(
            [sys.executable, "-m", "pytest", "-q", *colour, *arguments],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                with self.printing:
                    print(line, end="", flush=True)
                plain = COLOUR.sub("", line).strip()
                if LEFT_OUT_OF_TIME.search(plain):
                    too_late = f"{plain}\n"
                elif CLOSING.search(plain):
                    closing = plain
        return process.returncode, too_late + closing

    def add(self, name: str, outcome: str, begun: float) -> None:
        result = Result(name, outcome, time.monotonic() - begun)
        self.results.append(result)
        print(f"{outcome:8} {name} ({result.seconds:.1f} s)", flush=True)

    def report(self) -> int:
        """Print the summary; 0 when nothing failed and, in CI, nothing was left out."""
        print("\nSummary")
        for result in self.results:
            print(f"  {result.outcome:8} {result.seconds:7.1f} s  {result.name}")
        for package in sorted(self.missing & TAKES_AWAY.keys()):
            print(f"  This machine lacks {package}: left out {TAKES_AWAY[package]}.")
        if self.missing:
            names = " ".join(sorted(self.missing))
            print(f"  Have it installed with: sudo apt-get install --no-install-recommends {names}")
        for result in self.results:
            if result.closing:
                print(f"{result.name}:\n{result.closing}")
        ran = any(re.search(r"\d (passed|failed)", result.closing) for result in self.results)
        failed = any(result.outcome == FAILED for result in self.results)
        if self.missing and os.environ.get("CI"):
            print("CI is set, so what was left out counts as a failure.")
            return 1
        if not ran:
            print("No test ran.")
        return 1 if failed or not ran else 0


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--missing", default="")
    parser.add_argument("arguments", nargs="*")
    given = parser.parse_args()
    arguments = list(given.arguments)
    engines = {"sqlite", "postgresql"}
    if arguments and arguments[0].removeprefix("--") in engines:
        engines = {arguments.pop(0).removeprefix("--")}
    suite = Suite(set(given.missing.split()))
    with _scratch():
        if arguments == ["--quick"]:
            with _beside(_checks, suite):
                _quick(suite)
        elif arguments or len(engines) == 1:
            _tests(suite, engines, arguments)
        else:
            with _beside(_checks, suite):
                _tests(suite, engines, arguments)
    return suite.report()


@contextmanager
def _beside(work: Callable[[Suite], None], suite: Suite) -> Iterator[None]:
    """Do the checks, each of which takes one core, while tests wait for browsers and servers."""
    checks = threading.Thread(target=work, args=[suite])
    checks.start()
    try:
        yield
    finally:
        checks.join()


def _tests(suite: Suite, engines: set[str], arguments: list[str]) -> None:
    if "sqlite" in engines:
        _on_sqlite(suite, arguments)
    if "postgresql" in engines:
        _on_postgresql(suite, arguments)


def _quick(suite: Suite) -> None:
    found = chosen()
    print(found.told(), flush=True)
    within = ("-m", "not browser and not slow", "--within", str(QUICK_SECONDS))
    suite.tests("the nearest tests on SQLite", *within, *_spread([]), *found.tests)


def _checks(suite: Suite) -> None:
    python = sys.executable
    suite.step("format", BIN / "ruff", "format", "--check", ".")
    suite.step("lint", BIN / "ruff", "check", "--quiet", ".")
    suite.step("templates", BIN / "djade", "--check", "--target-version", "5.2", *_templates())
    suite.step("layers", BIN / "lint-imports")
    suite.step("types", BIN / "mypy", "nichandle")
    suite.step("types of scripts", BIN / "mypy", "--config-file=", *_strict(), "script/lib")
    suite.step("migrations", BIN / "nichandle", "makemigrations", "--check", "--dry-run")
    suite.step("translations", python, "script/lib/translations.py", "check", needs="gettext")


def _strict() -> tuple[str, ...]:
    # Outside the package and without Django's plugin, which wants the settings.
    return ("--strict", "--ignore-missing-imports", "--cache-dir=.mypy_cache/scripts")


def _on_sqlite(suite: Suite, arguments: list[str]) -> None:
    without_browser = suite.missing & {"chromium", "libatomic1"}
    chosen = ("-m", "not browser") if without_browser else ()
    suite.tests("tests on SQLite", *chosen, *_spread(arguments))


def _on_postgresql(suite: Suite, arguments: list[str]) -> None:
    # A journey in a browser tests pages, not the engine: once is enough.
    chosen = ("-m", "not browser", *_spread(arguments))
    name = "tests on PostgreSQL"
    if url := os.environ.get(TEST_URL):
        suite.tests(name, *chosen, url=url)
        return
    if "postgresql" in suite.missing:
        suite.results.append(Result(name, LEFT_OUT, 0))
        return
    begun = time.monotonic()
    try:
        with cluster() as server:
            suite.tests(name, *chosen, url=server.url())
    except NoPostgreSQL as reason:
        suite.add("a throw-away PostgreSQL", FAILED, begun)
        print(reason)


def _spread(arguments: list[str]) -> list[str]:
    """Two processes for the whole; a few named tests are quicker without."""
    if arguments:
        return arguments
    return ["-n", str(PROCESSES), "--dist", "loadgroup"]


def _templates() -> list[str]:
    return [str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("nichandle/**/*.html"))]


@contextmanager
def _scratch() -> Iterator[None]:
    """Give the steps a folder for what they leave behind, and remove it whatever happens."""
    folder = tempfile.mkdtemp(prefix="nichandle-suite-")
    os.environ["TMPDIR"] = folder
    # The product's own settings must not reach into the tests.
    for name in [name for name in os.environ if name.startswith("NICHANDLE_") and name != TEST_URL]:
        del os.environ[name]
    os.environ["NICHANDLE_DATA"] = folder
    # Some hundred processes are started: each would compile the product anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _stop(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    handler: Callable[[int, FrameType | None], None] = _stop
    signal.signal(signal.SIGTERM, handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
