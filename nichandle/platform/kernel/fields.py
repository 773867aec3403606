"""Field types with one meaning on both engines."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

BYTE_COLLATION = {"postgresql": "C", "sqlite": "BINARY"}


class FoldedField(models.CharField):  # type: ignore[type-arg]  # not generic at run time
    """
    Text folded in Python before it is stored, compared byte by byte.

    SQLite's LOWER knows only ASCII, and a PostgreSQL index in a language's collation cannot serve
    prefixes; bytes can be searched by range on both.
    """

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        parameters = super().db_parameters(connection)
        return {**parameters, "collation": BYTE_COLLATION.get(connection.vendor)}
