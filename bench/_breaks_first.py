"""A plugin of pytest: writes down that the tests have begun, and which of them failed first."""

import os
from pathlib import Path

import pytest


def pytest_configure() -> None:
    Path(os.environ["BREAKS_BEGUN"]).touch()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    where = Path(os.environ["BREAKS_FIRST"])
    if report.failed and not where.exists():
        where.write_text(report.nodeid, encoding="utf-8")
