from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from nichandle.platform.ui.menu import Below, MenuEntry


class ContactsConfig(AppConfig):
    name = "nichandle.commerce.contacts"
    menu = (
        MenuEntry("contacts:list", _("Contacts"), "users", rank=100, own=True),
        Below("contacts:list", ("contacts:",)),
        Below(
            "contacts:requests",
            ("contacts:request", "contacts:accept", "contacts:dispute_request"),
            _("Requests"),
        ),
    )
