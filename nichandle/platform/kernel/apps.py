from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "nichandle.platform.kernel"
