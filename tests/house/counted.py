"""
Whether a counted refusal may meet a transaction that would roll its count back.

Read off the syntax trees of the whole product at once: what a function raises, whoever it calls may
raise too. A call that no tree shows (a receiver of a signal, a function handed over as a value) is
left to ``expect_commit``, which looks when the refusal is made.
"""

import ast
from collections.abc import Iterable

from tests.house.tree import Module

FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
ATOMIC = "django.db.transaction.atomic"
COUNTING = "nichandle.platform.kernel.counted.counting"


Use = tuple[str, int, bool]
"""What is called or raised, in which line, and whether inside ``atomic``."""


def breaks(modules: Iterable[Module], refusals: dict[str, bool]) -> list[str]:
    """
    Return a sentence for each counted refusal that may be raised inside ``atomic``.

    ``refusals`` are all there are, by dotted name, with whether their kind is counted.
    """
    functions: dict[str, list[Use]] = {}
    places = {}
    for module in modules:
        tree = module.tree
        names = _names(module.name, tree)
        for function in ast.walk(tree):
            if isinstance(function, FUNCTION):
                name = f"{module.name}.{function.name}"
                functions.setdefault(name, []).extend(_uses(function, names, refusals))
                places[name] = module.where
    risky = _reaching(functions, {COUNTING, *refusals})
    return sorted(
        f"{places[name]}:{line} uses {used} inside atomic()"
        for name, uses in functions.items()
        for used, line, inside in uses
        if inside and used in risky
    )


def counted_once(modules: Iterable[Module]) -> set[str]:
    """Return the dotted names of the refusals of which some, not all, are counted."""
    found = set()
    for module in modules:
        tree = module.tree
        names = _names(module.name, tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _said(node) is True:
                found.add(_dotted(node.func, names))
    return found


def _reaching(functions: dict[str, list[Use]], sources: set[str]) -> set[str]:
    """Return the sources, and the functions from which one of them is reached."""
    reaching = set(sources)
    while True:
        more = {
            name
            for name, uses in functions.items()
            if any(used in reaching for used, _line, _inside in uses)
        }
        if more <= reaching:
            return reaching
        reaching |= more


def _uses(function: FUNCTION, names: dict[str, str], refusals: dict[str, bool]) -> list[Use]:
    reader = _Reader(names, refusals)
    for decorator in function.decorator_list:
        reader.visit(decorator)
    reader.inside = any(_dotted(each, names) == ATOMIC for each in function.decorator_list)
    for statement in function.body:
        reader.visit(statement)
    return reader.uses


class _Reader(ast.NodeVisitor):
    def __init__(self, names: dict[str, str], refusals: dict[str, bool]) -> None:
        self.names, self.refusals = names, refusals
        self.inside = False
        self.uses: list[Use] = []

    def visit_Call(self, node: ast.Call) -> None:
        name, counted = _dotted(node, self.names), _said(node)
        if name not in self.refusals or (self.refusals[name] if counted is None else counted):
            self.uses.append((name, node.lineno, self.inside))
        before = [node.func.value] if isinstance(node.func, ast.Attribute) else []
        for part in [*before, *node.args, *node.keywords]:
            self.visit(part)

    def visit_Name(self, node: ast.Name) -> None:
        self._raised(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._raised(node)
        self.visit(node.value)

    def _raised(self, node: ast.Name | ast.Attribute) -> None:
        """Note a refusal that is named alone, as in ``raise CodeWrong``."""
        name = _dotted(node, self.names)
        if self.refusals.get(name):
            self.uses.append((name, node.lineno, self.inside))

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        # What it names is caught, not raised.
        for statement in node.body:
            self.visit(statement)

    def visit_With(self, node: ast.With) -> None:
        before = self.inside
        for item in node.items:
            self.visit(item.context_expr)
            self.inside = self.inside or _dotted(item.context_expr, self.names) == ATOMIC
        for statement in node.body:
            self.visit(statement)
        self.inside = before


def _said(call: ast.Call) -> bool | None:
    """Return what a call says of ``counted``; None when nothing."""
    for keyword in call.keywords:
        if keyword.arg == "counted" and isinstance(keyword.value, ast.Constant):
            return bool(keyword.value.value)
    return None


def _names(module: str, tree: ast.Module) -> dict[str, str]:
    """Return what the names of a module stand for: what it defines, and what it imports."""
    names = {}
    for node in tree.body:
        if isinstance(node, FUNCTION | ast.ClassDef):
            names[node.name] = f"{module}.{node.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
        elif isinstance(node, ast.Import):
            for each in node.names:
                first = each.name.partition(".")[0]
                names[each.asname or first] = each.name if each.asname else first
    return names


def _dotted(node: ast.expr, names: dict[str, str]) -> str:
    """Return the dotted name of what an expression names or calls; "" for what is in no list."""
    if isinstance(node, ast.Call):
        return _dotted(node.func, names)
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, names)}.{node.attr}"
    return names.get(node.id, "") if isinstance(node, ast.Name) else ""
