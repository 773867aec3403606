"""What somebody with the database in hand could do to the ledger."""

from django.db import connection

from nichandle.platform.kernel.database import is_postgresql


def tamper(sql: str, *parameters: object) -> None:
    """Do what somebody with the database in hand could do, guards switched off."""
    with connection.cursor() as cursor:
        if is_postgresql():
            cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        else:
            cursor.execute("DROP TRIGGER IF EXISTS audit_entry_unchanged")
        cursor.execute(sql, parameters)
