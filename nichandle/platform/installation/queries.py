"""What is known of an installation before anything else of it may be asked."""

from django.db import connection

from nichandle.platform.installation.models import Installation


def is_noted() -> bool:
    """Tell whether the database is of a version that notes whose it is."""
    return Installation._meta.db_table in connection.introspection.table_names()
