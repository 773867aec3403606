from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "nichandle.config"
    label = "nichandle_config"
