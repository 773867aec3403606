from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ConfigConfig(AppConfig):
    name = "nichandle.config"
    label = "nichandle_config"

    def ready(self) -> None:
        # A room's receivers.py says what it does when another tells something.
        autodiscover_modules("receivers")
