"""The engine of the settings: Django's own, which looks at a connection before it asks."""

from select import POLLIN, poll
from typing import Any

from django.db.backends.postgresql import base
from psycopg.pq import ConnStatus


class DatabaseWrapper(base.DatabaseWrapper):
    """
    Django's connection to PostgreSQL.

    A server that has gone away has said so: its farewell waits on the socket. While nothing waits
    there the connection is as good as one that answers, and no request pays a message to find out.
    """

    def chunked_cursor(self) -> Any:
        # One that stays on the server outlives its transaction, and behind a pooler the next
        # transaction may have another connection.
        return super().chunked_cursor() if self.in_atomic_block else self.cursor()

    def is_usable(self) -> bool:
        if self.connection is None:
            return False
        wire = self.connection.pgconn
        if wire.status != ConnStatus.OK:
            return False
        waiting = poll()
        waiting.register(wire.socket, POLLIN)
        if not waiting.poll(0):
            return True
        return bool(super().is_usable())
