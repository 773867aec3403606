"""
Tests as proofs: which of a file's functions pytest runs, and what they expect.

Read off the syntax tree: a test that is commented out, skipped or empty proves nothing.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.house.names import Names
from tests.house.tree import FUNCTION, Module

NEVER = {"skip", "xfail"}
# The suite runs on both engines, so that what one of them cannot show is shown on the other.
ON_ONE_ENGINE = "connection.vendor"
NOTHING = ast.Pass | ast.Return


def collected(module: Module) -> dict[str, FUNCTION]:
    """Return the tests that pytest finds in a file and runs, by name."""
    if not module.path.name.startswith("test_") or _never(_marks(module.tree.body)):
        return {}
    return {test.name: test for test in _tests(module.tree.body) if _runs(test)}


def expects(test: FUNCTION, names: Names, refusal: type) -> bool:
    """Tell whether a test is green only when this very refusal comes."""
    heirs = _heirs(test, names, refusal)
    return any(
        _speaks_of(each, names, refusal) or heirs & _locals(each)
        for node in ast.walk(test)
        for each in _waited_for(node)
    )


def files_of_tests(folder: Path) -> list[Module]:
    return [Module(path, path.read_text("utf-8")) for path in sorted(folder.rglob("test_*.py"))]


def _waited_for(node: ast.AST) -> Iterator[ast.expr]:
    """Return what makes a test red when it does not come."""
    if isinstance(node, ast.Assert) and not _denies(node.test):
        yield node.test
    if isinstance(node, ast.With):
        for item in node.items:
            call = item.context_expr
            if isinstance(call, ast.Call) and _last(call.func) == "raises":
                yield from call.args


def _heirs(test: FUNCTION, names: Names, refusal: type) -> set[str]:
    """Return the test's own names for what it has made of the refusal, or of it among others."""
    found = set()
    for node in ast.walk(test):
        if isinstance(node, ast.Assign) and _speaks_of(node.value, names, refusal):
            found |= {name for target in node.targets for name in _locals(target)}
        elif isinstance(node, ast.For) and _speaks_of(node.iter, names, refusal):
            found |= _locals(node.target)
    for mark in test.decorator_list:
        if isinstance(mark, ast.Call) and any(_speaks_of(e, names, refusal) for e in mark.args):
            given = re.findall(r"\w+", ast.unparse(mark.args[0]))
            found |= {one.arg for one in test.args.args if one.arg in given}
    return found


def _locals(node: ast.expr) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _tests(body: list[ast.stmt]) -> Iterator[FUNCTION]:
    for node in body:
        if isinstance(node, FUNCTION) and node.name.startswith("test_"):
            yield node
        elif (
            isinstance(node, ast.ClassDef)
            and node.name.startswith("Test")
            and not _never([*node.decorator_list, *_marks(node.body)])
        ):
            yield from _tests(node.body)


def _runs(test: FUNCTION) -> bool:
    does = [node for node in test.body if not _is_text(node)]
    if not does or isinstance(does[0], NOTHING) or _never(test.decorator_list):
        return False
    return not any(
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and _last(node.value.func) in NEVER
        for node in does
    )


def _never(marks: list[ast.expr]) -> bool:
    """Tell whether one of these marks keeps a test from running, or from mattering."""
    for mark in marks:
        call = mark if isinstance(mark, ast.Call) else None
        name = _last(call.func if call else mark)
        if name in NEVER or (name == "skipif" and ON_ONE_ENGINE not in ast.unparse(mark)):
            return True
        if name == "parametrize" and call is not None and _without_rows(call):
            return True
    return False


def _without_rows(call: ast.Call) -> bool:
    rows = call.args[1] if len(call.args) > 1 else None
    return isinstance(rows, ast.List | ast.Tuple | ast.Set) and not rows.elts


def _marks(body: list[ast.stmt]) -> list[ast.expr]:
    """Return what stands in `pytestmark`."""
    for node in body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            value = node.value
            return list(value.elts) if isinstance(value, ast.List | ast.Tuple) else [value]
    return []


def _speaks_of(node: ast.expr, names: Names, refusal: type) -> bool:
    return any(
        _object(names.resolve(each)) is refusal
        for each in ast.walk(node)
        if isinstance(each, ast.Name | ast.Attribute)
    )


def _object(name: str) -> object:
    """Return what a dotted name stands for in the modules that are loaded; None for nothing."""
    home, after = name, []
    while home and home not in sys.modules:
        home, _dot, last = home.rpartition(".")
        after.insert(0, last)
    found: object = sys.modules.get(home)
    for each in after:
        found = getattr(found, each, None)
    return found


def _denies(test: ast.expr) -> bool:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return True
    against = ast.NotIn | ast.IsNot | ast.NotEq
    return isinstance(test, ast.Compare) and any(isinstance(op, against) for op in test.ops)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""
