"""Work for later: what is queued is registered, under whatever name `enqueue` is imported."""

import ast
from collections.abc import Container, Iterator

from tests.house.names import Reference, names_of
from tests.house.tree import Module

ENQUEUE = "nichandle.platform.jobs.operations.enqueue"
# It queues what is registered as periodic, under the names that stand there.
QUEUES_WHAT_IS_DUE = "platform/jobs"


def queued(module: Module) -> Iterator[tuple[int, str]]:
    """Return what a module queues, and where; "" where no reader can tell what."""
    calls = {id(node.func): node for node in module.nodes if isinstance(node, ast.Call)}
    if module.room == QUEUES_WHAT_IS_DUE:
        return
    for reference in _uses(module, ENQUEUE):
        call = calls.get(id(reference.node))
        given = [*call.args[:1], *_named(call, "name")] if call else []
        yield reference.line, _word(given[0]) if given else ""


def queues_what_exists(module: Module, registered: Container[str]) -> Iterator[str]:
    for line, name in queued(module):
        if not name:
            yield f"{module.where}:{line} queues what no reader can tell"
        elif name not in registered:
            yield f"{module.where}:{line} queues {name}, which is not registered"


def _uses(module: Module, name: str) -> Iterator[Reference]:
    for reference in names_of(module).references:
        if reference.name == name and not isinstance(reference.node, ast.Import | ast.ImportFrom):
            yield reference


def _named(call: ast.Call, name: str) -> list[ast.expr]:
    return [word.value for word in call.keywords if word.arg == name]


def _word(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
