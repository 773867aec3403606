from django.apps import AppConfig

from nichandle.platform.ui.menu import Below


class RecoveryConfig(AppConfig):
    name = "nichandle.identity.recovery"
    menu = (Below("area:security", ("recovery:own_cases",)),)
