from django.apps import AppConfig


class InstallationConfig(AppConfig):
    name = "nichandle.platform.installation"
