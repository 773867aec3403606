"""The database itself refuses to change or remove what the ledger of identifiers holds."""

from django.db import migrations

# SQLite's own deletion of test data needs DELETE; the accounts' key and the lack of any operation
# that deletes protect it there.
SQLITE = """
CREATE TRIGGER handles_handle_unchanged BEFORE UPDATE ON handles_handle
BEGIN SELECT RAISE(ABORT, 'identifiers are never changed'); END
"""
POSTGRESQL = """
CREATE FUNCTION handles_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
  RAISE EXCEPTION 'identifiers are never changed or removed'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER handles_handle_kept BEFORE UPDATE OR DELETE ON handles_handle FOR EACH ROW
EXECUTE FUNCTION handles_refuse();
"""
UNDO_SQLITE = "DROP TRIGGER handles_handle_unchanged"
UNDO_POSTGRESQL = """
DROP TRIGGER handles_handle_kept ON handles_handle;
DROP FUNCTION handles_refuse();
"""


def guard(apps, schema_editor):
    engine = schema_editor.connection.vendor
    schema_editor.execute(POSTGRESQL if engine == "postgresql" else SQLITE)


def open_again(apps, schema_editor):
    engine = schema_editor.connection.vendor
    schema_editor.execute(UNDO_POSTGRESQL if engine == "postgresql" else UNDO_SQLITE)


class Migration(migrations.Migration):
    dependencies = [("handles", "0001_handles")]

    operations = [migrations.RunPython(guard, open_again)]
