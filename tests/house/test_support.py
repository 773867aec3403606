"""What the tests themselves stand on."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.tree import PACKAGE, ROOT, all_python
from tests.support import course, database


def test_a_changed_migration_makes_another_template(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "ROOT", tmp_path)
    migration = tmp_path / "0001_first.py"
    migration.write_text("one")
    first = database.digest([migration])

    assert database.digest([migration]) == first
    migration.write_text("two")
    assert database.digest([migration]) != first
    renamed = migration.rename(tmp_path / "0002_first.py")
    assert database.digest([renamed]) != first


def test_the_template_depends_on_all_that_migrations_call():
    """They import nothing of the product but the kernel, which is in the digest whole."""
    kernel = "nichandle.platform.kernel"
    sources = set(database._sources())
    migrations = [path for path in sources if path.parent.name == "migrations"]
    imported = {
        name
        for path in migrations
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None) or node.names[0].name]
        if name.startswith("nichandle")
    }

    assert len(migrations) > 40
    assert imported
    assert not [name for name in imported if not f"{name}.".startswith(f"{kernel}.")]
    assert PACKAGE / "platform" / "kernel" / "fields.py" in sources


def test_no_test_imports_a_conftest():
    """What is shared lies in `tests/support`, or in a module of the room's own tests."""
    found = {}
    for path in (*all_python(), *(ROOT / "bench").iterdir()):
        if path.is_file() and path.suffix in {".py", ""}:
            modules = set(imported_by(path.read_text("utf-8")))
            found[path.relative_to(ROOT)] = [
                name for name in modules if name.split(".")[-1] == "conftest"
            ]

    assert len(found) > 300
    assert not [f"{path}: {names}" for path, names in found.items() if names]


@pytest.mark.parametrize(
    "line",
    ["import conftest", "from conftest import work", "from a.tests import conftest as shared"],
)
def test_a_conftest_that_is_imported_is_noticed(line):
    assert [name for name in imported_by(f"def f():\n    {line}") if name.endswith("conftest")]


def imported_by(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


class Item:
    """What the choice of tests asks an item of pytest."""

    def __init__(self, *marks: str, fixtures: tuple[str, ...] = ()) -> None:
        self.marks, self.fixturenames = marks, fixtures

    def get_closest_marker(self, name: str) -> str | None:
        return name if name in self.marks else None


@pytest.mark.parametrize("mark", ["django_db", "engine"])
def test_what_asks_for_the_database_or_starts_the_product_runs_on_both_engines(mark):
    assert course._meets_the_engine(Item(mark))
    assert course._meets_the_engine(Item("long", fixtures=("customer", "transactional_db")))


def test_sentences_and_rules_are_tried_once():
    assert not course._meets_the_engine(Item("long", "slow", fixtures=("tmp_path",)))
