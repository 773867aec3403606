from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from nichandle.platform.ui.menu import Below, MenuEntry


class PaymentsConfig(AppConfig):
    name = "nichandle.commerce.payments"
    menu = (
        MenuEntry("payments:means", _("Your means of payment"), "receipt", rank=105, own=True),
        Below("payments:means", ("payments:means_go", "payments:means_done")),
    )
