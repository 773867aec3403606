"""Who writes into a table of work wakes the workers that listen: NOTIFY, from a trigger."""

from typing import Any

from django.db.migrations import RunPython

CHANNEL = "nichandle_work"
_WAKE = """
    CREATE FUNCTION {table}_wake() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_notify('{channel}', ''); RETURN NULL; END $$;
    CREATE TRIGGER {table}_wake AFTER INSERT ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION {table}_wake()
"""
_LET_SLEEP = """
    DROP TRIGGER {table}_wake ON {table};
    DROP FUNCTION {table}_wake()
"""


def wakes(table: str) -> RunPython:
    """
    Return the step of a migration after which rows added to a table wake the workers.

    At their commit, whoever writes them and by whatever statement; it costs no round trip. On
    SQLite nothing is needed: a worker hears of every commit there.
    """

    def on_postgresql(statement: str) -> Any:
        def run(_apps: Any, editor: Any) -> None:
            if editor.connection.vendor == "postgresql":
                editor.execute(statement.format(table=table, channel=CHANNEL))

        return run

    return RunPython(on_postgresql(_WAKE), on_postgresql(_LET_SLEEP))
