"""
Rules of the house that an import graph cannot say, read off the syntax tree.

Each takes a module and yields a sentence for every break. Those about rows are in ``rows.py``,
those about what may know what in ``walls.py``.
"""

import ast
import re
from collections.abc import Iterator

from tests.house.doors import CLOCK_DOORS, READS_THE_CLOCK
from tests.house.names import names_of
from tests.house.tree import FUNCTION, Module, functions

LONGEST_FUNCTION, LONGEST_VIEW, LONGEST_FILE = 40, 20, 400
CLOCKS = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "django.db.models.functions.Now",
    "django.db.models.functions.datetime.Now",
    "django.utils.timezone.now",
    "time.ctime",
    "time.gmtime",
    "time.localtime",
    "time.strftime",
    "time.time",
    "time.time_ns",
}
# These read the clock only when they are given no moment.
CLOCKS_WITHOUT_ARGUMENT = {"django.utils.timezone.localdate", "django.utils.timezone.localtime"}
CLOCKS_OF_FIELDS = {"auto_now", "auto_now_add"}
CLOCKS_OF_SQL = re.compile(
    r"\b(?:current_(?:timestamp|time|date)\b|(?:clock|statement|transaction)_timestamp\b|now\(\))"
    r"|'now'",
    re.IGNORECASE,
)
_SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:|nosec)(.*)")
_CODES = re.compile(r"^[\s:]*(\[[\w\s,-]+\]|[A-Z]+\d+(?:[\s,]+[A-Z]+\d+)*|no cover)?")


def small_is_a_number(module: Module) -> Iterator[str]:
    """Function 40 lines, view 20, file 400."""
    lines = len(module.text.splitlines())
    if lines > LONGEST_FILE:
        yield f"{module.where} has {lines} lines"
    for function in functions(module):
        length = (function.end_lineno or 0) - function.lineno + 1
        most = LONGEST_VIEW if _is_view(module, function) else LONGEST_FUNCTION
        if length > most:
            yield f"{module.where}:{function.lineno} {function.name} has {length} lines of {most}"


def domain_reads_no_clock(module: Module) -> Iterator[str]:
    """`now` is an argument; only doors and the worker read the clock."""
    if CLOCK_DOORS & set(module.inside) or module.name in READS_THE_CLOCK:
        return
    with_argument = {
        id(node.func)
        for node in module.nodes
        if isinstance(node, ast.Call) and (node.args or node.keywords)
    }
    for reference in names_of(module).references:
        asked = id(reference.node) in with_argument or isinstance(
            reference.node, ast.Import | ast.ImportFrom
        )
        if reference.name in CLOCKS or (reference.name in CLOCKS_WITHOUT_ARGUMENT and not asked):
            yield f"{module.where}:{reference.line} reads the clock: {reference.name}"
    for node in module.nodes:
        if isinstance(node, ast.keyword) and node.arg in CLOCKS_OF_FIELDS:
            yield f"{module.where}:{node.lineno} has the field read the clock: {node.arg}"
        if isinstance(node, ast.Constant) and CLOCKS_OF_SQL.search(str(node.value)):
            yield f"{module.where}:{node.lineno} has the database read its clock"


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


def _is_view(module: Module, function: FUNCTION) -> bool:
    arguments = function.args.args
    return (
        module.part in {"views", "health"}
        and not function.name.startswith("_")
        and bool(arguments)
        and arguments[0].arg == "request"
    )
