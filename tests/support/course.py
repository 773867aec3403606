"""In which order tests run, for how long, and at which length."""

import time

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
        others = [item for item in items if not item.get_closest_marker("long")]
        items[:] = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=others)
    if not config.getoption("--within"):
        items.sort(key=_length)


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
