"""
Libraries that few processes need, imported when they are first used.

A command that checks or migrates judges no key and no telephone number, and should not read the
hundreds of modules that can. ``load`` imports all of them at once: a web process does so before it
serves, so that no visitor waits and processes forked from it share what was read.
"""

from importlib import import_module
from typing import Any

WANTED: list["PutOff"] = []


class PutOff:
    """Stands for a module of a library; its names are found in it when they are asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        found = getattr(import_module(self._name), name)
        # From now on it is found without a detour.
        setattr(self, name, found)
        return found

    def _load(self) -> None:
        import_module(self._name)


def later(name: str, *, seldom: bool = False) -> Any:
    """
    Return a module of a library that is imported with the first use of a name in it.

    What is ``seldom`` needed, by few installations, is not read before serving either.

    Only for libraries, never our own modules: import-linter would not see it. A name is asked of
    it inside a function; asked at the top of a module, it would be imported at once.
    """
    made = PutOff(name)
    if not seldom:
        WANTED.append(made)
    return made


def load() -> None:
    """Import all that was put off."""
    for each in WANTED:
        each._load()  # noqa: SLF001 - hidden from the module's own names, not from its neighbour
