"""A plugin of pytest: writes down which test failed first."""

import os
from pathlib import Path

import pytest


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    where = Path(os.environ["BREAKS_FIRST"])
    if report.failed and not where.exists():
        where.write_text(report.nodeid, encoding="utf-8")
