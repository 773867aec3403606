"""
The plan of a folder: what its `__init__.py` says it is for, and which folders lie in it.

    One sentence that says what the folder is for.

    name other   what these two are
    third        what that is
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

LONGEST_PLAN = 10
MOST_MODULES = 15
# What these are for is said by their names.
PLAIN = {"tests", "migrations", "management", "templatetags", "views"}
# In here there is a folder for each language, as Django wants it.
LANGUAGES = "formats"
ROW = re.compile(r"^(\w+(?: \w+)*) {2,}\S")


def named_in(plan: str) -> list[str]:
    """Return the names at the beginning of a plan's rows."""
    rows = [row for line in plan.splitlines() if (row := ROW.match(line))]
    return [name for row in rows for name in row[1].split()]


def packages(top: Path) -> list[Path]:
    """Return a folder and the folders of code below it, those aside whose names say everything."""
    return [top, *(deeper for folder in _inside(top) for deeper in packages(folder))]


def plan_breaks(folder: Path) -> Iterator[str]:
    """Say where a folder and its plan differ."""
    plan = ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8"))) or ""
    named = named_in(plan)
    if not plan:
        yield f"{folder} does not say what it is for"
    if len(plan.splitlines()) > LONGEST_PLAN:
        yield f"{folder} says it in more than {LONGEST_PLAN} lines"
    yield from (f"{folder} names {name} twice" for name in named if named.count(name) > 1)
    there = {each.name for each in _inside(folder)}
    yield from (f"{folder} does not name {name}" for name in sorted(there - set(named)))
    for name in sorted(set(named) - there):
        if not (folder / name).is_dir() and not (folder / f"{name}.py").is_file():
            yield f"{folder} names {name}, which is not there"


def crowds(top: Path) -> Iterator[str]:
    """Say which folders hold more modules than one takes in at a glance."""
    for folder in [top, *(each for each in sorted(top.rglob("*")) if each.is_dir())]:
        if {"tests", "migrations"} & set(folder.relative_to(top).parts):
            continue
        modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        if len(modules) > MOST_MODULES:
            yield f"{folder} holds {len(modules)} modules"


def _inside(folder: Path) -> list[Path]:
    if folder.name == LANGUAGES:
        return []
    return [
        each
        for each in sorted(folder.iterdir())
        if (each / "__init__.py").is_file() and each.name not in PLAIN
    ]
