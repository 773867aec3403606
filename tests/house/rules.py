"""
Rules of the house that an import graph cannot say, read off the syntax tree.

Each takes a module and yields a sentence for every break.
"""

import ast
import re
from collections.abc import Iterator

from tests.house.tree import PACKAGE, WINGS, Module, part_of

LONGEST_FUNCTION, LONGEST_VIEW, LONGEST_FILE = 40, 20, 400
DOMAIN = {"models", "queries", "operations", "mails"}
PRIVATE = {"views", "forms", "mails", "urls"}
# Where the world comes in. Everything else is told the time.
EDGES = {
    "delivery",  # hands mails over one by one, and each may take its minute
    "views",
    "http",
    "middleware",
    "context",
    "management",
    "worker",
    "templatetags",
}
EDGE_MODULES = {
    "nichandle.config.serving.health",
    "nichandle.config.serving.start",
    "nichandle.config.serving.supervisor",
    "nichandle.identity.signin.reauthentication.fresh",
    "nichandle.identity.signin.sessions.store",
}
# Doors, and what dresses for them: none of these reads or writes rows.
WITHOUT_ROWS = {"views", "forms", "urls", "mails", "http", "context", "management", "templatetags"}
HTTP = ("django.http", "django.shortcuts", "django.urls", "django.template", "django.forms")
CLOCKS = {
    ("timezone", "now"),
    ("timezone", "localdate"),
    ("timezone", "localtime"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
}
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def rows_stay_home(module: Module) -> Iterator[str]:
    """Rows (`.objects`) are touched by the domain modules of the room that owns them."""
    foreign = {
        alias.asname or alias.name
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom)
        and _room_of_models(node.module) not in {"", module.room}
        for alias in node.names
    }
    for node in ast.walk(module.tree):
        if not (isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}):
            continue
        owner = node.value.id if isinstance(node.value, ast.Name) else ast.unparse(node.value)
        if owner in foreign:
            yield f"{module.where}:{node.lineno} touches {owner}.objects of another room"
        if module.part in WITHOUT_ROWS:
            yield f"{module.where}:{node.lineno} touches rows in {module.part}"


def domain_knows_no_http(module: Module) -> Iterator[str]:
    """Models, queries, operations and mails know nothing of requests, pages, forms, addresses."""
    if module.part not in DOMAIN:
        return
    for line, name in _imports(module):
        if name.startswith(HTTP):
            yield f"{module.where}:{line} imports {name}"


def pages_are_private(module: Module) -> Iterator[str]:
    """A room's views, forms, mails and urls are nobody else's."""
    for line, name in _imports(module):
        room, part = _room_and_part(name)
        if not room or part not in PRIVATE or room == module.room:
            continue
        # Rooms without pages make their forms for the rooms above, which have them.
        if part != "forms" or _has_pages(room):
            yield f"{module.where}:{line} imports {name}"


def imports_stand_on_top(module: Module) -> Iterator[str]:
    """No import inside a function or behind TYPE_CHECKING."""
    for function in _functions(module):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield f"{module.where}:{node.lineno} imports inside {function.name}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node).endswith(
            "TYPE_CHECKING"
        ):
            yield f"{module.where}:{node.lineno} uses TYPE_CHECKING"


def small_is_a_number(module: Module) -> Iterator[str]:
    """Function 40 lines, view 20, file 400."""
    lines = len(module.text.splitlines())
    if lines > LONGEST_FILE:
        yield f"{module.where} has {lines} lines"
    for function in _functions(module):
        length = (function.end_lineno or 0) - function.lineno + 1
        most = LONGEST_VIEW if _is_view(module, function) else LONGEST_FUNCTION
        if length > most:
            yield f"{module.where}:{function.lineno} {function.name} has {length} lines of {most}"


def domain_reads_no_clock(module: Module) -> Iterator[str]:
    """`now` is an argument; only edges read the clock."""
    if module.part in EDGES or module.name in EDGE_MODULES:
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            owner = ast.unparse(node.value).rpartition(".")[2]
            if (owner, node.attr) in CLOCKS:
                yield f"{module.where}:{node.lineno} reads the clock: {owner}.{node.attr}"


_SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:|nosec)(.*)")
_CODES = re.compile(r"^[\s:]*(\[[\w\s,-]+\]|[A-Z]+\d+(?:[\s,]+[A-Z]+\d+)*|no cover)?")


def suppressions_say_why(module: Module) -> Iterator[str]:
    """`noqa` and `type: ignore` name what they silence, and why."""
    for number, line in enumerate(module.text.splitlines(), 1):
        if (found := _SUPPRESSION.search(line)) is None:
            continue
        kind, rest = found[1].replace(" ", ""), found[2]
        codes = _CODES.match(rest)
        if kind in {"noqa", "type:ignore"} and not (codes and codes[1]):
            yield f"{module.where}:{number} silences everything"
        reason = rest[codes.end() if codes else 0 :]
        if len(re.findall(r"[A-Za-z]{2,}", reason)) < 1:
            yield f"{module.where}:{number} gives no reason"


def _has_pages(room: str) -> bool:
    return room != "platform/ui" and (PACKAGE / room / "urls.py").exists()


def _functions(module: Module) -> list[FUNCTION]:
    return [node for node in ast.walk(module.tree) if isinstance(node, FUNCTION)]


def _is_view(module: Module, function: FUNCTION) -> bool:
    arguments = function.args.args
    return (
        module.part in {"views", "health"}
        and not function.name.startswith("_")
        and bool(arguments)
        and arguments[0].arg == "request"
    )


def _imports(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def _room_of_models(name: str | None) -> str:
    room, part = _room_and_part(name or "")
    return room if part == "models" else ""


def _room_and_part(name: str) -> tuple[str, str]:
    """Take a dotted name apart: `identity/signin` and `views`; two empty texts for others'."""
    package, *parts = name.split(".")
    depth = 2 if parts[:1] and parts[0] in WINGS else 1
    if package != "nichandle" or len(parts) <= depth:
        return "", ""
    return "/".join(parts[:depth]), part_of(tuple(parts[depth:]))
