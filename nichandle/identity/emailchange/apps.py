from django.apps import AppConfig

from nichandle.platform.ui.menu import Below


class EmailchangeConfig(AppConfig):
    name = "nichandle.identity.emailchange"
    menu = (Below("area:account", ("emailchange:",)),)
