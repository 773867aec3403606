from django.apps import AppConfig


class PausesConfig(AppConfig):
    name = "nichandle.identity.pauses"
