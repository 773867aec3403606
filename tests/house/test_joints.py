"""docs/joints.md names every joint: each signal, each list rooms attach to, and who is attached."""

import ast
import re
from collections.abc import Iterable, Iterator

import pytest

from tests.house.tree import ROOT, WINGS, Module, called, product

ROW = re.compile(r"^\| `([a-z_.]+\.[A-Za-z_]+)`[^|]*\| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)
ATTACHING = {"watch": "HEARERS", "task": "TASKS", "periodic": "PERIODIC", "pump": "PUMPS"}
CHANGING = {"append", "extend", "add", "update", "setdefault", "insert"}


def rows() -> dict[str, tuple[str, str]]:
    found = ROW.findall((ROOT / "docs" / "joints.md").read_text("utf-8"))
    assert len(found) > 5
    return {name: (middle, last) for name, middle, last in found if not name.endswith(".py")}


def short(module: Module) -> str:
    """Return a module's name without package and wing: `notme.signals`."""
    parts = module.name.split(".")[1:]
    return ".".join(parts[1:] if parts[0] in WINGS else parts)


def room(module: Module) -> str:
    return short(module).partition(".")[0]


def signals(modules: list[Module]) -> set[str]:
    return {
        f"{short(module)}.{name}"
        for module in modules
        for name, value, _said in constants(module)
        if isinstance(value, ast.Call) and called(value) in {"Signal", "ModelSignal"}
    }


def constants(module: Module) -> Iterator[tuple[str, ast.expr | None, str]]:
    """Give what a module names at its top: name, value, annotation."""
    for node in module.tree.body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.value, ""
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node.value, ast.unparse(node.annotation)


def lists(modules: list[Module]) -> set[str]:
    """
    Return the lists that grow while the product starts.

    Those that a function or another module changes, and those that are made to be called.
    """
    found = set()
    changed = {name for module in modules for name in changes(module)}
    for module in modules:
        for name, _value, said in constants(module):
            if name.isupper() and (name in changed or said.startswith("list[Callable")):
                found.add(f"{short(module)}.{name}")
    return found


def changes(module: Module) -> Iterator[str]:
    """Give the capitalised names that a module changes: `X[...] = `, `X.append(...)`."""
    for node in ast.walk(module.tree):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = [
                each.value
                for target in node.targets
                for each in (target.elts if isinstance(target, ast.Tuple) else [target])
                if isinstance(each, ast.Subscript)
            ]
        elif isinstance(node, ast.AugAssign):
            targets = [node.target]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            targets = [node.func.value] if node.func.attr in CHANGING else []
        for target in targets:
            name = target.id if isinstance(target, ast.Name) else getattr(target, "attr", "")
            if name.isupper():
                yield name


def heard(modules: list[Module]) -> set[tuple[str, str]]:
    """Return which room hears which signal, by `@receiver` or `connect`."""
    found = set()
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and called(node) == "receiver":
                found |= {(ast.unparse(each), room(module)) for each in node.args}
            elif isinstance(node, ast.Call) and called(node) == "connect":
                assert isinstance(node.func, ast.Attribute)
                found.add((ast.unparse(node.func.value), room(module)))
    return found


def attached(modules: list[Module]) -> set[tuple[str, str]]:
    """Return which room attaches itself to which list."""
    return {
        (ATTACHING[called(node)], room(module))
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and called(node) in ATTACHING and named(node)
    }


def named(node: ast.Call) -> bool:
    return bool(node.args) and isinstance(node.args[0], ast.Constant)


def rooms() -> list[Module]:
    """Return the modules of rooms: what puts them together, above, attaches itself to nothing."""
    found = [module for module in product() if module.room.partition("/")[0] in WINGS]
    assert len(found) > 100
    return found


def test_every_joint_is_on_the_page_and_no_other():
    modules = rooms()
    there = signals(modules) | lists(modules)

    assert len(there) > 5
    assert there == rows().keys()


def test_the_page_says_who_hears_what():
    names = {name.rpartition(".")[2]: name for name in signals(rooms())}
    ours = {(names[signal], ear) for signal, ear in heard(rooms()) if signal in names}
    said = {(name, ear) for name in names.values() for ear in rows()[name][1].split(", ")}

    assert len(ours) > 5
    assert ours == {(name, ear) for name, ear in said if ear != "nobody yet"}


def test_the_page_says_who_is_attached():
    names = {name.rpartition(".")[2]: name for name in lists(rooms())}
    ours = {(names[name], ear) for name, ear in attached(rooms())}
    said = {
        (names[name], ear)
        for name in ATTACHING.values()
        for ear in rows()[names[name]][1].split(", ")
    }

    assert len(ours) > 5
    assert ours == said


def readers(modules: Iterable[Module]) -> set[str]:
    """Return the modules that import others by their names."""
    return {
        short(module)
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and called(node) in {"import_module", "autodiscover_modules"}
    }


def test_every_file_that_is_looked_for_by_name_is_on_the_page():
    page = (ROOT / "docs" / "joints.md").read_text("utf-8")
    said = set(re.findall(r"^\| `[a-z]+\.py` \| `([a-z.]+)` \|", page, re.MULTILINE))

    # The reference imports whatever there is, to list it; the others put off one import they know.
    assert readers(product()) - {"config.reference", "config.cli", "kernel.later"} == said


def test_receivers_stand_where_the_start_looks_for_them():
    strange = [
        module.where
        for module in rooms()
        if "django.dispatch" in module.text
        and "receiver" in module.text
        and module.path.name not in {"receivers.py", "signals.py"}
    ]

    assert not strange


@pytest.mark.parametrize(
    "text",
    [
        "paid = Signal()",
        "TOLD: list[Callable[[], str]] = []",
        "TILES = []\ndef add(tile):\n    TILES.append(tile)",
        "ERASED: dict[str, Erase] = {}\ndef erases(name, how):\n    ERASED[name] = how",
        "PARTS = ()\ndef also(part):\n    global PARTS\n    PARTS += (part,)",
    ],
)
def test_a_joint_that_nobody_wrote_down_is_noticed(text):
    module = Module(ROOT / "nichandle" / "commerce" / "payments" / "signals.py", text)

    (name,) = signals([module]) | lists([module])

    assert name.startswith("payments.signals.")
    assert name not in rows()


@pytest.mark.parametrize(
    "text", ["@receiver(paid)\ndef hear(**_signal): ...", "paid.connect(hear)"]
)
def test_a_receiver_that_nobody_wrote_down_is_noticed(text):
    module = Module(ROOT / "nichandle" / "commerce" / "payments" / "receivers.py", text)

    assert heard([module]) == {("paid", "payments")}
