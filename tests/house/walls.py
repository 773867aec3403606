"""
Walls: between doors and domain, between rooms, and between the heights inside a room.

Which modules are doors, and what the exceptions are, stands in ``doors.py``.
"""

import ast
from collections.abc import Iterator

from tests.house.doors import (
    DOMAIN_MAY,
    DOORS,
    HTTP,
    IMPORTS_BY_NAME,
    NAMED_DOORS,
    SHARED_FORMS,
)
from tests.house.names import module_of, names_of, under
from tests.house.tree import PACKAGE, Module, functions

PRIVATE = {"views", "forms", "mails", "urls"}
WHAT_A_REQUEST_HAS = {"GET", "POST", "FILES", "COOKIES", "META"}
# Inside a room, whatever folders it has: what stands lower knows nothing of what stands higher,
# and what stands at the same height knows nothing of each other.
HEIGHT = {
    "urls": 4,
    "views": 3,
    "forms": 2,
    "operations": 2,
    "mails": 1,
    "queries": 1,
    "models": 0,
}
IMPORTING = (
    "importlib",
    "runpy",
    "pkgutil.resolve_name",
    "django.utils.module_loading",
)


def domain_knows_no_door(module: Module) -> Iterator[str]:
    """What is no door knows no request, no page, no form, no address, and no door."""
    if is_door(module):
        return
    for reference in names_of(module).references:
        door = module_of(reference.name)
        if (module.name, reference.name) in DOMAIN_MAY:
            continue
        if under(reference.name, *HTTP) or (door is not None and is_door(door)):
            yield f"{module.where}:{reference.line} knows {reference.name}"
    if (module.name, "django.http.HttpRequest") in DOMAIN_MAY:
        return
    for node in module.nodes:
        if isinstance(node, ast.Attribute) and node.attr in WHAT_A_REQUEST_HAS:
            yield f"{module.where}:{node.lineno} reads a request: {ast.unparse(node)}"


def inside_a_room_imports_point_down(module: Module) -> Iterator[str]:
    """Urls, views, forms or operations, mails or queries, models: never upwards, by no detour."""
    if module.part not in HEIGHT:
        return
    way: dict[str, str] = {}
    waiting = [module]
    while waiting:
        here = waiting.pop(0)
        for name in _imported_in_the_room(here):
            if name in way or name == module.name:
                continue
            way[name] = here.name
            there = module_of(name)
            assert there is not None
            waiting.append(there)
            if _not_below(there.part, module.part):
                yield f"{module.where} imports {_told(name, way)}"


def pages_are_private(module: Module) -> Iterator[str]:
    """A room's views, forms, mails and urls are nobody else's."""
    for reference in names_of(module).references:
        there = module_of(reference.name)
        if there is None or there.room == module.room or there.part not in PRIVATE:
            continue
        # Rooms without pages make their forms for the rooms above, which have them.
        if there.part != "forms" or (_has_pages(there.room) and there.name not in SHARED_FORMS):
            yield f"{module.where}:{reference.line} uses {reference.name}"


def imports_stand_on_top(module: Module) -> Iterator[str]:
    """No import inside a function, behind TYPE_CHECKING, or by a name put together."""
    for function in functions(module):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield f"{module.where}:{node.lineno} imports inside {function.name}"
    for node in module.nodes:
        if _last_name(node) == "TYPE_CHECKING":
            yield f"{module.where}:{node.lineno} uses TYPE_CHECKING"
        if _last_name(node) in {"__import__", "__loader__"}:
            yield f"{module.where}:{node.lineno} imports by name: {ast.unparse(node)}"
    if module.name in IMPORTS_BY_NAME:
        return
    for reference in names_of(module).references:
        if under(reference.name, *IMPORTING):
            yield f"{module.where}:{reference.line} imports by name: {reference.name}"


def only_libraries_are_put_off(module: Module) -> Iterator[str]:
    """What is imported when it is first used is a library, by its name in full."""
    for node in module.nodes:
        if not (isinstance(node, ast.Call) and _last_name(node.func) == "later"):
            continue
        named = node.args[0] if node.args else None
        name = named.value if isinstance(named, ast.Constant) else None
        if not isinstance(name, str) or under(name, "nichandle"):
            yield f"{module.where}:{node.lineno} puts off {ast.unparse(node)}"


def is_door(module: Module) -> bool:
    return bool(DOORS.keys() & set(module.inside)) or module.name in NAMED_DOORS


def _imported_in_the_room(module: Module) -> Iterator[str]:
    """Return the modules of the same room that one imports, not itself."""
    for reference in names_of(module).imports:
        there = module_of(reference.name)
        if there is not None and there.room == module.room and there.name != module.name:
            yield there.name


def _not_below(part: str, other: str) -> bool:
    if part not in HEIGHT or part == other:
        return False
    return HEIGHT[part] >= HEIGHT[other]


def _told(name: str, way: dict[str, str]) -> str:
    """Return what is imported and, where there is one, the detour."""
    steps = [name]
    while way.get(steps[-1]) in way:
        steps.append(way[steps[-1]])
    return " by ".join(steps)


def _has_pages(room: str) -> bool:
    return room != "platform/ui" and (PACKAGE / room / "urls.py").exists()


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""
