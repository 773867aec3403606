"""Rows: read and written in the room that owns them, whatever way one may try to reach them."""

import ast
import re
from collections.abc import Iterator
from functools import cache

from django.apps import apps

from tests.house.doors import READS_TABLES
from tests.house.names import module_of, names_of
from tests.house.tree import FUNCTION, Module, called, functions, product

# Doors, and what dresses for them: none of these reads or writes rows.
WITHOUT_ROWS = {"views", "forms", "urls", "mails", "http", "context", "management", "templatetags"}
MANAGERS = {"objects", "_default_manager", "_base_manager", "default_manager", "base_manager"}
MODELS_BY_NAME = {"get_model", "get_models", "get_user_model"}
WRITING = {"save", "delete", "refresh_from_db"}
RELATIONS = ("ForeignKey", "OneToOneField", "ManyToManyField")
# What one asks of a manager; of another thing that is called `items` one asks other things.
ASKED_OF_MANAGERS = {
    *("add", "aggregate", "all", "annotate", "bulk_create", "bulk_update", "clear", "count"),
    *("create", "delete", "earliest", "exclude", "exists", "filter", "first", "get"),
    *("get_or_create", "in_bulk", "iterator", "last", "latest", "none", "only", "order_by"),
    *("prefetch_related", "remove", "select_for_update", "select_related", "set", "update"),
    *("update_or_create", "using", "values_list"),
}


def rows_stay_home(module: Module) -> Iterator[str]:
    """Rows are read and written by the domain modules of the room that owns them."""
    for node in module.nodes:
        if isinstance(node, ast.Call):
            yield from _makes_foreign_rows(node, module)
        if not isinstance(node, ast.Attribute):
            continue
        if node.attr in MANAGERS:
            home = _home(node.value, module)
            if module.part in WITHOUT_ROWS:
                yield f"{module.where}:{node.lineno} touches rows in {module.part}"
            elif home is None or home.room != module.room:
                yield f"{module.where}:{node.lineno} touches {ast.unparse(node)} of another room"
        elif _asks_a_related_manager(node, module):
            yield f"{module.where}:{node.lineno} touches related rows: {ast.unparse(node)}"
    for function in functions(module):
        yield from _writes_what_it_was_given(function, module)


def relations_end_at_home(module: Module) -> Iterator[str]:
    """
    A relation to another room's rows gives these no way back (`related_name="+"`).

    One to rows of the same room has a name, by which another room's use of it is found.
    """
    for node in module.nodes:
        if not (isinstance(node, ast.Call) and called(node) in RELATIONS):
            continue
        back = _related_name(node)
        target = node.args[0] if node.args else ast.Constant("")
        if back == "+" or (back and _is_of_the_room(target, module)):
            continue
        yield f"{module.where}:{node.lineno} leaves {ast.unparse(target)} a way back: {back!r}"


def statements_stay_home(module: Module) -> Iterator[str]:
    """Hand-written SQL speaks of the room's own tables."""
    for node in module.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for table in dict.fromkeys(re.findall(r"\b[a-z]+_[a-z]+\b", node.value)):
                if (
                    tables().get(table, module.room) != module.room
                    and (module.name, table) not in READS_TABLES
                ):
                    yield f"{module.where}:{node.lineno} speaks of the table {table}"
        if isinstance(node, ast.Attribute) and node.attr == "db_table":
            home = _home(node.value, module)
            if home is None or home.room != module.room:
                yield f"{module.where}:{node.lineno} asks for a table: {ast.unparse(node)}"


@cache
def tables() -> dict[str, str]:
    """Return in which room each table is at home."""
    homes = {model._meta.db_table: module_of(model.__module__) for model in apps.get_models()}
    found = {table: home.room for table, home in homes.items() if home is not None}
    assert len(found) > 30, "the walk finds nothing"
    return found


@cache
def related_names() -> dict[str, frozenset[str]]:
    """Return by which names rows have rows of the same room, and in which rooms."""
    found: dict[str, set[str]] = {}
    for module in product():
        for node in module.nodes:
            if isinstance(node, ast.Call) and called(node) in RELATIONS:
                found.setdefault(_related_name(node), set()).add(module.room)
    assert found.pop("+", None), "the walk finds no relation between rooms"
    assert found, "the walk finds no relation inside a room"
    return {name: frozenset(rooms) for name, rooms in found.items()}


def _makes_foreign_rows(node: ast.Call, module: Module) -> Iterator[str]:
    if called(node) in MODELS_BY_NAME:
        yield f"{module.where}:{node.lineno} finds models by name: {called(node)}"
    home = _home(node.func, module)
    if home is None or home.part != "models" or home.room == module.room:
        return
    # A model, not one of its lists of states.
    if names_of(module).resolve(node.func) == f"{home.name}.{called(node)}":
        yield f"{module.where}:{node.lineno} makes rows of another room: {called(node)}"


def _writes_what_it_was_given(function: FUNCTION, module: Module) -> Iterator[str]:
    """Another room's row, as an argument: it may be read, and told to its own room."""
    arguments = function.args
    foreign = {
        each.arg
        for each in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        if each.annotation is not None
        and (home := _home(each.annotation, module)) is not None
        and (home.part, home.room == module.room) == ("models", False)
    }
    for node in ast.walk(function):
        if not (isinstance(node, ast.Attribute) and node.attr in WRITING):
            continue
        if isinstance(node.value, ast.Name) and node.value.id in foreign:
            yield f"{module.where}:{node.lineno} writes another room's row: {ast.unparse(node)}"


def _asks_a_related_manager(node: ast.Attribute, module: Module) -> bool:
    owner = node.value
    if node.attr not in ASKED_OF_MANAGERS or not isinstance(owner, ast.Attribute):
        return False
    rooms = related_names().get(owner.attr)
    # What a module keeps under that name is no row's.
    if rooms is None or names_of(module).resolve(owner):
        return False
    return module.room not in rooms or module.part in WITHOUT_ROWS


def _related_name(node: ast.Call) -> str:
    values = [word.value for word in node.keywords if word.arg == "related_name"]
    return str(values[0].value) if values and isinstance(values[0], ast.Constant) else ""


def _is_of_the_room(target: ast.expr, module: Module) -> bool:
    if isinstance(target, ast.Constant):
        return target.value == "self"
    home = _home(target, module)
    return home is not None and home.room == module.room


def _home(node: ast.expr, module: Module) -> Module | None:
    """Return the module that something named comes from."""
    return module_of(names_of(module).resolve(node))
