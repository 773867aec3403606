"""
Demo data: each room that has some keeps it in its module ``demo``.

Such a module has two functions: ``load(now)``, which writes the data and returns the lines that a
newcomer should read (an account's name, identifier and password), and ``present()``, which tells
whether demo data are in the database.
"""

from collections.abc import Sequence
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol, cast

from django.apps import apps
from django.db import transaction

from nichandle.platform.kernel.errors import Refused


class DemoInProduction(Refused):
    code = "start.demo_in_production"
    message = (
        "Production does not start: the database holds demo data, whose passwords everybody "
        "knows. Give production a database of its own with NICHANDLE_DATABASE_URL."
    )


class RoomDemo(Protocol):
    """What a room's module ``demo`` offers."""

    def load(self, now: datetime) -> Sequence[str]: ...

    def present(self) -> bool: ...


def rooms() -> list[RoomDemo]:
    """Return the demo modules of the rooms that have one, lowest room first."""
    names = [f"{app.name}.demo" for app in apps.get_app_configs() if app.name != __package__]
    found = [import_module(name) for name in names if find_spec(name)]
    # A room may have other things to do in demo mode.
    return [cast(RoomDemo, module) for module in found if hasattr(module, "load")]


def load(now: datetime) -> list[str]:
    """Load every room's demo data, all or nothing; returns the lines a newcomer should read."""
    with transaction.atomic():
        return [line for room in rooms() for line in room.load(now)]


def present() -> bool:
    """Tell whether any room's demo data are in the database."""
    return any(room.present() for room in rooms())
