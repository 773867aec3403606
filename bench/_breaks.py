"""
What can be broken in a module: one small change of one statement, as a slip of the hand would be.

A comparison is off by one, a condition is left out or turned round, a check, a refusal, an entry or
an assignment is forgotten, a query forgets one of its conditions, a number is one more. What only a
person reads (sentences, annotations, docstrings) stays; so do locks, which a test on SQLite cannot
miss: it has one writer at a time.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

COMPARED: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.In: "not in", ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is",
}  # fmt: skip
COUNTED: dict[type[ast.operator], str] = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "+", ast.FloorDiv: "*", ast.BitOr: "&", ast.BitAnd: "|",
}  # fmt: skip
CALLED = {"min": "max", "max": "min", "any": "all", "all": "any"}
ASKED = {"first": "last", "earliest": "latest", "latest": "earliest"}
LOOKED_UP = {"__lt": "__lte", "__lte": "__lt", "__gt": "__gte", "__gte": "__gt"}
QUERIES = {"filter", "exclude", "get", "Q"}
LEFT_ALONE = ("lock", "select_for_update", "log", "advisory")


@dataclass(frozen=True, slots=True)
class Break:
    """One change of one module; ``statement`` is the line where the changed statement begins."""

    file: str
    line: int
    statement: int
    start: int
    end: int
    text: str
    constant: str = ""
    """The name by which the changed value is used: of a constant, of a decorated function."""

    def apply(self, source: bytes) -> bytes:
        return source[: self.start] + self.text.encode() + source[self.end :]

    def shown(self, source: bytes) -> tuple[str, str]:
        """Return the changed lines before and after, each in one line."""
        begin = source.rfind(b"\n", 0, self.start) + 1
        finish = source.find(b"\n", self.end)
        finish = len(source) if finish < 0 else finish
        before = source[begin:finish]
        after = source[begin : self.start] + self.text.encode() + source[self.end : finish]
        return _one_line(before), _one_line(after)


def _one_line(text: bytes) -> str:
    return " ".join(text.decode().split())


def breaks_of(file: str, source: bytes) -> list[Break]:
    """Return every break of a module, in the order of its lines."""
    tree = ast.parse(source)
    return sorted(set(_Finder(file, source).of_module(tree)), key=lambda found: found.start)


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Go through the statements of functions, at any depth; docstrings are none."""
    for statement in body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        yield statement
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for inner in _bodies(statement):
            yield from statements(inner)


def beginnings(source: str | bytes) -> list[int]:
    """Return the lines on which the statements of a module's functions begin, in their order."""
    inside = [one for each in functions(ast.parse(source)) for one in statements(each.body)]
    return sorted({one.lineno for one in inside})


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _bodies(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        yield getattr(statement, name, None) or []
    for handler in getattr(statement, "handlers", ()):
        yield handler.body
    for case in getattr(statement, "cases", ()):
        yield case.body


class _Finder:
    def __init__(self, file: str, source: bytes) -> None:
        self._file, self._source = file, source
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._statement, self._constant = 0, ""

    def of_module(self, tree: ast.Module) -> Iterator[Break]:
        for statement in tree.body:
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                self._statement, self._constant = statement.lineno, statement.targets[0].id
                yield from self._of_expression(statement.value)
        for function in functions(tree):
            # What is decorated may be run once and its answer kept: those who call it notice.
            self._constant = function.name if function.decorator_list else ""
            for statement in statements(function.body):
                self._statement = statement.lineno
                yield from self._of_statement(statement)

    def _change(self, node: ast.AST, text: str) -> Break:
        start = self._starts[node.lineno - 1] + node.col_offset
        end = self._starts[node.end_lineno - 1] + node.end_col_offset
        line = node.lineno
        return Break(self._file, line, self._statement, start, end, text, self._constant)

    def _of_statement(self, statement: ast.stmt) -> Iterator[Break]:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return
        if isinstance(statement, ast.Assert):
            # It says what is so, to the reader and to mypy.
            return
        if self._can_be_forgotten(statement):
            yield self._change(statement, "pass")
        if isinstance(statement, ast.If | ast.While) and not _is_formula(statement.test):
            yield self._change(statement.test, f"not ({ast.unparse(statement.test)})")
        for part in _expressions(statement):
            yield from self._of_expression(part)

    def _can_be_forgotten(self, statement: ast.stmt) -> bool:
        if isinstance(statement, ast.Raise | ast.Continue | ast.AugAssign | ast.Delete):
            return True
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            return not _named(statement.value.func).startswith(LEFT_ALONE)
        return isinstance(statement, ast.Assign) and not any(
            isinstance(name, ast.Name) for target in statement.targets for name in _targets(target)
        )

    def _of_expression(self, root: ast.expr) -> Iterator[Break]:
        for node in _parts(root):
            broken = getattr(self, f"_of_{type(node).__name__.lower()}", None)
            if broken is not None:
                yield from broken(node)

    def _of_unaryop(self, node: ast.UnaryOp) -> Iterator[Break]:
        if isinstance(node.op, ast.Not):
            yield self._change(node, f"bool({ast.unparse(node.operand)})")

    def _of_ifexp(self, node: ast.IfExp) -> Iterator[Break]:
        yield self._change(node, f"({ast.unparse(node.body)})")
        yield self._change(node, f"({ast.unparse(node.orelse)})")

    def _of_list(self, node: ast.List) -> Iterator[Break]:
        for index in range(len(node.elts) if len(node.elts) > 1 else 0):
            kept = node.elts[:index] + node.elts[index + 1 :]
            yield self._change(node, ast.unparse(ast.List(kept, node.ctx)))

    def _of_compare(self, node: ast.Compare) -> Iterator[Break]:
        for index, operator in enumerate(node.ops):
            parts = [ast.unparse(node.left)]
            for number, (sign, right) in enumerate(zip(node.ops, node.comparators, strict=True)):
                said = COMPARED[type(operator)] if number == index else _sign(sign)
                parts += [said, _bracketed(right)]
            yield self._change(node, f"({' '.join(parts)})")

    def _of_boolop(self, node: ast.BoolOp) -> Iterator[Break]:
        parts = [f"({ast.unparse(part)})" for part in node.values]
        for index in range(len(parts)):
            word = " and " if isinstance(node.op, ast.And) else " or "
            yield self._change(node, f"({word.join(parts[:index] + parts[index + 1 :])})")
        other = " or " if isinstance(node.op, ast.And) else " and "
        yield self._change(node, f"({other.join(parts)})")

    def _of_binop(self, node: ast.BinOp) -> Iterator[Break]:
        text = any(_is_text(part) for part in (node.left, node.right))
        if text or type(node.op) not in COUNTED:
            return
        left, right = ast.unparse(node.left), ast.unparse(node.right)
        yield self._change(node, f"(({left}) {COUNTED[type(node.op)]} ({right}))")

    def _of_constant(self, node: ast.Constant) -> Iterator[Break]:
        if isinstance(node.value, bool):
            yield self._change(node, str(not node.value))
        elif isinstance(node.value, int):
            yield self._change(node, str(node.value + 1))

    def _of_call(self, node: ast.Call) -> Iterator[Break]:
        name = _named(node.func).rpartition(".")[2]
        if isinstance(node.func, ast.Name) and name in CALLED:
            yield self._change(node.func, CALLED[name])
        ordered = name != "first" or "order_by" in ast.unparse(node.func)
        if isinstance(node.func, ast.Attribute) and name in ASKED and ordered and not node.args:
            called = ast.Attribute(node.func.value, ASKED[name], node.func.ctx)
            yield self._change(node, ast.unparse(ast.Call(called, [], node.keywords)))
        if name in QUERIES:
            yield from self._of_query(node)

    def _of_query(self, node: ast.Call) -> Iterator[Break]:
        for index, condition in enumerate(node.keywords):
            if condition.arg is None:
                continue
            rest = node.keywords[:index] + node.keywords[index + 1 :]
            if rest or node.args or _named(node.func).endswith("filter"):
                yield self._change(node, ast.unparse(ast.Call(node.func, node.args, rest)))
            for ending, other in LOOKED_UP.items():
                if condition.arg.endswith(ending):
                    said = ast.keyword(condition.arg.removesuffix(ending) + other, condition.value)
                    changed = [*node.keywords[:index], said, *node.keywords[index + 1 :]]
                    yield self._change(node, ast.unparse(ast.Call(node.func, node.args, changed)))


def _expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """Return a statement's own expressions: not those of what stands inside it, nor a target."""
    for name, value in ast.iter_fields(statement):
        if name in ("annotation", "target", "targets"):
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.expr):
                yield part
            elif isinstance(part, ast.withitem):
                yield part.context_expr


def _parts(root: ast.expr) -> Iterator[ast.AST]:
    """Go through an expression; what is said to a person (a formatted text) is left out."""
    yield root
    for child in ast.iter_child_nodes(root):
        if not isinstance(child, ast.JoinedStr):
            yield from _parts(child)


def _targets(target: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, ast.Tuple | ast.List):
        for part in target.elts:
            yield from _targets(part)
    else:
        yield target


def _is_formula(test: ast.expr) -> bool:
    """Whether turning it round is among the breaks of its parts."""
    simple = isinstance(test, ast.Compare) and isinstance(
        test.ops[0], ast.Eq | ast.NotEq | ast.In | ast.NotIn | ast.Is | ast.IsNot
    )
    return simple or (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not))


def _named(function: ast.expr) -> str:
    return ast.unparse(function).rpartition(".")[2] if function else ""


def _is_text(part: ast.expr) -> bool:
    return isinstance(part, ast.JoinedStr) or (
        isinstance(part, ast.Constant) and isinstance(part.value, str | bytes)
    )


def _sign(operator: ast.cmpop) -> str:
    written = ast.unparse(ast.Compare(ast.Name("a"), [operator], [ast.Name("b")]))
    return written.removeprefix("a ").removesuffix(" b")


def _bracketed(node: ast.expr) -> str:
    return f"({ast.unparse(node)})" if isinstance(node, ast.BoolOp) else ast.unparse(node)
