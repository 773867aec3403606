from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.invoices.selling import sellers
from nichandle.platform.ui.menu import Below, MenuEntry


class InvoicesConfig(AppConfig):
    name = "nichandle.commerce.invoices"
    menu = (
        MenuEntry("invoices:list", _("Invoices"), "receipt", rank=40),
        Below("invoices:list", ("invoices:",)),
    )

    def ready(self) -> None:
        register(seller_can_be_named)


def seller_can_be_named(**_options: object) -> list[CheckMessage]:
    """Say every fault of the seller file; with one the product does not start."""
    found = sellers.faults()
    return [Error(f"Seller file, {fault}", id="nichandle.invoices.E001") for fault in found]
