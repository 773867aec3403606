from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from nichandle.platform.ui.menu import Below, MenuEntry


class TicketsConfig(AppConfig):
    name = "nichandle.support.tickets"
    menu = (
        MenuEntry("tickets:list", _("Support"), "info-circle", rank=60),
        Below("tickets:list", ("tickets:",)),
    )
