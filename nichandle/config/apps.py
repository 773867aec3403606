from importlib import import_module

from django.apps import AppConfig, apps
from django.utils.module_loading import module_has_submodule

TOLD_FIRST = ("contacts",)
"""
The rooms, by label, that hear a signal before the others; these in the order of INSTALLED_APPS.

Requests of hand-overs are locked before any ledger is written, so that two acts that meet wait for
each other and never in a ring.
"""


class ConfigConfig(AppConfig):
    name = "nichandle.config"
    label = "nichandle_config"

    def ready(self) -> None:
        # The addresses of rooms are written with its converters, in whatever order they are read.
        import_module("nichandle.platform.ui.converters")
        # A room's receivers.py says what it does when another tells something.
        for room in sorted(apps.get_app_configs(), key=lambda each: each.label not in TOLD_FIRST):
            if room.module is not None and module_has_submodule(room.module, "receivers"):
                import_module(f"{room.name}.receivers")
