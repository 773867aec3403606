"""In which order tests run, for how long, and at which length."""

import gc
import os
import time
from collections.abc import Callable

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("nichandle")
    group.addoption(
        "--within", type=float, help="begin no test later than so many seconds after the start"
    )
    group.addoption(
        "--long",
        action="store_true",
        help="only what the suite shortens, at full length, as bench/long-tests does",
    )


def pytest_configure(config: pytest.Config) -> None:
    seconds = config.getoption("--within")
    # Workers begin later than what started them: each is told when that was.
    begun = getattr(config, "workerinput", {}).get("begun", time.time())
    config.stash[_end] = begun + seconds if seconds else None
    config.stash[_left_out] = 0


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:
    node.workerinput["begun"] = _begun


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that no process is left with it at the end."""
    if config.getoption("--long"):
        _keep(config, items, lambda item: item.get_closest_marker("long") is not None)
    if os.environ.get("NICHANDLE_TEST_DATABASE_URL"):
        _keep(config, items, _meets_the_engine)
    if not config.getoption("--within"):
        items.sort(key=_length)


def _keep(
    config: pytest.Config, items: list[pytest.Item], wanted: Callable[[pytest.Item], bool]
) -> None:
    others = [item for item in items if not wanted(item)]
    items[:] = [item for item in items if wanted(item)]
    config.hook.pytest_deselected(items=others)


def _meets_the_engine(item: pytest.Item) -> bool:
    """
    Whether the engine may matter to a test: it asks for the database, or starts the product on it.

    Templates, sentences and rules are the same beside PostgreSQL: once, on SQLite, is enough.
    """
    marked = any(item.get_closest_marker(name) for name in ("django_db", "engine"))
    return marked or not {"db", "transactional_db"}.isdisjoint(getattr(item, "fixturenames", ()))


def pytest_collection_finish() -> None:
    """Have the collector of garbage leave alone what stays until the end: a tenth of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _length(item: pytest.Item) -> int:
    marks = {mark.name for mark in item.iter_markers()}
    return 0 if "browser" in marks else 1 if "slow" in marks else 2


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    """Leave a test out when the time is up; there may be thousands, so without a report of each."""
    end = item.config.stash[_end]
    if end is None or time.time() < end:
        return None
    item.config.stash[_left_out] += 1
    return True


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left out"] = session.config.stash[_left_out]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node) -> None:
    node.config.stash[_left_out] += getattr(node, "workeroutput", {}).get("left out", 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if number := terminalreporter.config.stash[_left_out]:
        terminalreporter.write_line(f"{number} tests left out: the time was up", yellow=True)


@pytest.fixture
def long(request: pytest.FixtureRequest) -> bool:
    """Whether a test that has a long form (mark ``long``) is asked for it."""
    return bool(request.config.getoption("--long"))


_begun = time.time()
_end = pytest.StashKey[float | None]()
_left_out = pytest.StashKey[int]()
