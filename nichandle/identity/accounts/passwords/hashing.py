"""Hashing and verifying, never more at once than there are cores."""

import os
import threading

from django.conf import settings
from django.contrib.auth.hashers import get_hasher

from nichandle.identity.accounts.passwords.hashers import Argon2
from nichandle.identity.accounts.passwords.rules import length_class, normalise


def share_of_cores(processes: int) -> int:
    """Return how many cores each of so many web processes has to itself; at least one."""
    return max(1, (os.cpu_count() or 1) // processes)


# Each hash takes 19 MiB, more than a core's cache holds: more at once than cores throw each other
# out of it and take a tenth longer.
_AT_ONCE = threading.BoundedSemaphore(share_of_cores(settings.NICHANDLE_WEB_PROCESSES))


def hash_password(password: str) -> tuple[str, str]:
    """Return the hash of a password and its length class; takes some 20 ms of CPU."""
    text = normalise(password)
    hasher = get_hasher()
    with _AT_ONCE:
        return hasher.encode(text, hasher.salt()), length_class(text)


def verify(password: str, encoded: str) -> bool:
    """
    Tell whether the password has this hash; one hash.

    Where there is none (an account whose password was taken away), it costs the same and is False.
    """
    ours, hasher = encoded.startswith("argon2$"), get_hasher()
    assert isinstance(hasher, Argon2)
    with _AT_ONCE:
        fits = bool(hasher.verify(normalise(password), encoded if ours else hasher.decoy))
    return fits and ours


def outdated(encoded: str) -> bool:
    """Tell whether a hash was made with other parameters than today's; costs nothing."""
    hasher = get_hasher()
    # Read in full only where it does not begin as today's do: every sign-in asks.
    if isinstance(hasher, Argon2) and encoded.startswith(hasher.beginning):
        return False
    return bool(hasher.must_update(encoded))


def decoy(password: str) -> None:
    """Spend what ``verify`` spends, for an account that does not exist."""
    verify(password, "")
