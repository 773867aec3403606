"""
Of the two indexes of keys on PostgreSQL one goes.

Django makes a second one for prefixes, needed in a language's collation. Keys are compared byte by
byte, so the unique index serves prefixes as well, and each issue dirties a page less.
"""

from django.db import migrations

FIND = """
SELECT indexrelid::regclass::text FROM pg_index
 WHERE indrelid = 'handles_handle'::regclass AND NOT indisunique
   AND pg_get_indexdef(indexrelid) LIKE '%varchar_pattern_ops%'
"""
AGAIN = "CREATE INDEX handles_handle_key_like ON handles_handle (key varchar_pattern_ops)"


def drop(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(FIND)
        names = [name for (name,) in cursor.fetchall()]
    for name in names:
        schema_editor.execute(f"DROP INDEX {name}")


def make_again(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(AGAIN)


class Migration(migrations.Migration):
    dependencies = [("handles", "0002_never_changed")]

    operations = [migrations.RunPython(drop, make_again)]
