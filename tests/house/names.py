"""
What a name in a module stands for, read off its imports and never off how it is spelled.

`import datetime as d` and `d.datetime.now()`, `from nichandle.identity.accounts import models` and
`models.Account.objects`: both are found under their whole dotted name.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from tests.house.tree import Module, product

PUT_OFF = "nichandle.platform.kernel.later.later"
DEFINITION = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Reference:
    """One place where a module names something that is not its own local variable."""

    line: int
    name: str
    node: ast.AST
    """The import, or the longest chain of names around it."""


class Names:
    """The names of one module, resolved as far as a reader of the file alone can."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.bound = {
            node.name: f"{module.name}.{node.name}"
            for node in module.tree.body
            if isinstance(node, DEFINITION)
        }
        self.imports = list(self._imports())
        self._follow_assignments()

    def resolve(self, node: ast.AST) -> str:
        """Return the whole dotted name of an expression; "" for what only running it could tell."""
        if isinstance(node, ast.Name):
            return self.bound.get(node.id, "")
        if isinstance(node, ast.Attribute) and (owner := self.resolve(node.value)):
            return f"{owner}.{node.attr}"
        if isinstance(node, ast.Call) and self.resolve(node.func) == PUT_OFF:
            # A library that is imported with its first use is known by its name all the same.
            return str(node.args[0].value) if isinstance(node.args[0], ast.Constant) else ""
        return ""

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Return what is imported, and every chain of names that begins with something known."""
        nodes = self.module.nodes
        inner = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
        chains = [
            Reference(node.lineno, name, node)
            for node in nodes
            if isinstance(node, ast.Name | ast.Attribute)
            and id(node) not in inner
            and isinstance(node.ctx, ast.Load)
            and (name := self.resolve(node))
        ]
        return (*self.imports, *chains)

    def _imports(self) -> Iterator[Reference]:
        for node in self.module.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first = alias.name.partition(".")[0]
                    self.bound[alias.asname or first] = alias.name if alias.asname else first
                    yield Reference(node.lineno, alias.name, node)
            elif isinstance(node, ast.ImportFrom):
                source = self._source(node)
                for alias in node.names:
                    name = source if alias.name == "*" else f"{source}.{alias.name}"
                    self.bound[alias.asname or alias.name] = name
                    yield Reference(node.lineno, name, node)

    def _source(self, node: ast.ImportFrom) -> str:
        """Return what is imported from, also where it is said by dots."""
        if not node.level:
            return node.module or ""
        here = self.module.name.split(".")
        # One dot is the package itself, which for an ``__init__`` is its own name.
        up = node.level - (self.module.path.name == "__init__.py")
        return ".".join(filter(None, [*here[: len(here) - up], node.module]))

    def _follow_assignments(self) -> None:
        for node in self.module.nodes:
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                target, value = node.targets[0], node.value
            elif isinstance(node, ast.AnnAssign | ast.NamedExpr):
                target, value = node.target, node.value
            else:
                continue
            if isinstance(target, ast.Name) and value is not None and (name := self.resolve(value)):
                self.bound.setdefault(target.id, name)


@cache
def names_of(module: Module) -> Names:
    return Names(module)


def under(name: str, *tops: str) -> bool:
    """Tell whether a dotted name is one of these or lies below one."""
    return any(name == top or name.startswith(f"{top}.") for top in tops)


@cache
def modules() -> dict[str, Module]:
    """Return the product's modules by their dotted names."""
    return {module.name: module for module in product()}


@cache
def module_of(name: str) -> Module | None:
    """Return the product's module that a dotted name is in; None for others'."""
    while name and name not in modules():
        name = name.rpartition(".")[0]
    return modules().get(name)
