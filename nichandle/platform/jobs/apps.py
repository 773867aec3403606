from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "nichandle.platform.jobs"

    def ready(self) -> None:
        # Each room's jobs.py registers what the worker does for it.
        autodiscover_modules("jobs")
