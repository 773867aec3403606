"""What the tests themselves stand on."""

import ast

from tests.house.tree import PACKAGE
from tests.support import database


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
    assert imported == {"nichandle.platform.kernel.fields"}
    assert PACKAGE / "platform" / "kernel" / "fields.py" in sources
