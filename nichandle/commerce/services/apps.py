from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from nichandle.platform.ui.menu import Below, MenuEntry


class ServicesConfig(AppConfig):
    name = "nichandle.commerce.services"
    menu = (
        MenuEntry("services:list", _("Services"), "server", rank=20),
        Below("services:list", ("services:",)),
    )
