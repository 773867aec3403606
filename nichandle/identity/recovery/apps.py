from django.apps import AppConfig


class RecoveryConfig(AppConfig):
    name = "nichandle.identity.recovery"
