"""
Which statements each test runs: a plugin of pytest, and the copy of the product that it listens to.

Every statement of every function of the copy first says where it is. That is all a tool for
coverage with contexts would be asked for here, at less cost in time, and one package fewer.
"""

import ast
import json
import os
import time
from pathlib import Path

import pytest

SEEN = "_breaks_seen"
ANNOUNCED = "import _breaks_seen as _seen_by_breaks"
reached: set[str] = set()


def announce(path: Path, name: str) -> None:
    """Write a module anew so that each statement of its functions says that it is run."""
    tree = ast.parse(path.read_bytes())
    for node in list(ast.walk(tree)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = _announced(node.body, name)
    at = next((i for i, part in enumerate(tree.body) if not _is_preface(part)), len(tree.body))
    tree.body[at:at] = ast.parse(ANNOUNCED).body
    path.write_text(ast.unparse(ast.fix_missing_locations(tree)), encoding="utf-8")


def _announced(body: list[ast.stmt], name: str) -> list[ast.stmt]:
    written: list[ast.stmt] = []
    for statement in body:
        if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            said = f"_seen_by_breaks.reached.add({f'{name}:{statement.lineno}'!r})"
            written += ast.parse(said).body
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            _announce_inside(statement, name)
        written.append(statement)
    return written


def _announce_inside(statement: ast.stmt, name: str) -> None:
    for part in ("body", "orelse", "finalbody"):
        if inner := getattr(statement, part, None):
            setattr(statement, part, _announced(inner, name))
    for inside in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        inside.body = _announced(inside.body, name)


def _is_preface(part: ast.stmt) -> bool:
    docstring = isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)
    return docstring or (isinstance(part, ast.ImportFrom) and part.module == "__future__")


class Listener:
    """Writes down, for each test that passes, how long it took and what it ran."""

    def __init__(self, where: Path) -> None:
        self._where, self._passed = where, {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        reached.clear()
        begun = time.perf_counter()
        result = yield
        if item.stash.get(_PASSED, False):
            self._passed[item.nodeid] = [time.perf_counter() - begun, sorted(reached)]
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item):
        report = yield
        if report.when == "call":
            item.stash[_PASSED] = report.passed
        elif not report.passed:
            item.stash[_PASSED] = False
        return report

    def pytest_sessionfinish(self) -> None:
        self._where.write_text(json.dumps(self._passed), encoding="utf-8")


_PASSED = pytest.StashKey[bool]()


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Listener(Path(os.environ["BREAKS_SEEN"])))
