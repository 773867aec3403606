"""How long to wait after failures in a row: an answer with a time, nobody is kept hanging."""

from datetime import timedelta

FREE = 4
"""So many mistakes cost nothing."""
FIRST, LONGEST = timedelta(seconds=30), timedelta(minutes=15)


def after(failures: int) -> timedelta:
    """Return how long after the last of so many failures in a row the next try may be made."""
    if failures <= FREE:
        return timedelta()
    doubled: int = 2 ** min(failures - FREE - 1, 20)
    return min(FIRST * doubled, LONGEST)
