"""The database itself refuses to change or remove what was issued."""

from django.db import migrations

FROZEN = (
    "invoices_invoice",
    "invoices_invoicecontent",
    "invoices_invoiceline",
    "invoices_servicelink",
)
SQLITE = """
CREATE TRIGGER {table}_{name} BEFORE {act} ON {table}
BEGIN SELECT RAISE(ABORT, 'an issued document never changes'); END
"""
REFUSE = """
CREATE FUNCTION invoices_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
  RAISE EXCEPTION 'an issued document never changes'
    USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
POSTGRESQL = """
CREATE TRIGGER {table}_{name} BEFORE {act} ON {table} FOR EACH ROW
EXECUTE FUNCTION invoices_refuse()
"""
GUARDS = [
    {"table": table, "name": name, "act": act}
    for table in FROZEN
    for name, act in (("unchanged", "UPDATE"), ("kept", "DELETE"))
]


def guard(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(REFUSE)
        for each in GUARDS:
            schema_editor.execute(POSTGRESQL.format(**each))
        return
    for each in GUARDS:
        schema_editor.execute(SQLITE.format(**each))


def open_again(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for each in GUARDS:
            schema_editor.execute("DROP TRIGGER {table}_{name} ON {table}".format(**each))
        schema_editor.execute("DROP FUNCTION invoices_refuse()")
        return
    for each in GUARDS:
        schema_editor.execute("DROP TRIGGER {table}_{name}".format(**each))


class Migration(migrations.Migration):
    dependencies = [("invoices", "0001_invoices")]

    operations = [migrations.RunPython(guard, open_again)]
