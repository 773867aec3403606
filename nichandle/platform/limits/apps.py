from django.apps import AppConfig


class LimitsConfig(AppConfig):
    name = "nichandle.platform.limits"
