from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class FactorsConfig(AppConfig):
    name = "nichandle.factors"

    def ready(self) -> None:
        # A room's receivers.py says what it does when another tells something.
        autodiscover_modules("receivers")
