"""Many at the same moment, each in a thread with a connection of its own."""

import threading
from collections.abc import Callable

from django.db import connection

from nichandle.platform.kernel.errors import Refused


def at_once(*works: Callable[[], object]) -> list[object]:
    """Do everything at the same time; return what came of each, refusals too."""
    gate, outcomes = threading.Barrier(len(works)), list[object]()

    def run(work: Callable[[], object]) -> None:
        try:
            gate.wait()
            outcomes.append(work())
        except Refused as refusal:
            outcomes.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == len(works), "one of them broke"
    return outcomes
