"""The database itself refuses to change what an entry's hash covers, or to remove an entry."""

from django.db import migrations

# SQLite's own deletion of test data needs DELETE; a removed entry shows in the chain and anchors.
SQLITE = """
CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry
WHEN NEW.account_id <> OLD.account_id OR NEW.number <> OLD.number OR NEW.at <> OLD.at
  OR NEW.act <> OLD.act OR NEW.previous <> OLD.previous OR NEW.hash <> OLD.hash
  OR NEW.details_digest <> OLD.details_digest
  OR (NEW.details IS NOT NULL AND NEW.details IS NOT OLD.details)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
"""
POSTGRESQL = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
  RAISE EXCEPTION 'the ledger is append-only'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry FOR EACH ROW
WHEN (NEW.account_id <> OLD.account_id OR NEW.number <> OLD.number OR NEW.at <> OLD.at
  OR NEW.act <> OLD.act OR NEW.previous <> OLD.previous OR NEW.hash <> OLD.hash
  OR NEW.details_digest <> OLD.details_digest
  OR (NEW.details IS NOT NULL AND NEW.details IS DISTINCT FROM OLD.details))
EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry FOR EACH ROW
EXECUTE FUNCTION audit_refuse();
"""
UNDO_POSTGRESQL = """
DROP TRIGGER audit_entry_kept ON audit_entry;
DROP TRIGGER audit_entry_unchanged ON audit_entry;
DROP FUNCTION audit_refuse();
"""


def guard(apps, schema_editor):
    engine = schema_editor.connection.vendor
    schema_editor.execute(POSTGRESQL if engine == "postgresql" else SQLITE)


def open_again(apps, schema_editor):
    engine = schema_editor.connection.vendor
    undo = UNDO_POSTGRESQL if engine == "postgresql" else "DROP TRIGGER audit_entry_unchanged"
    schema_editor.execute(undo)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_audit")]

    operations = [migrations.RunPython(guard, open_again)]
