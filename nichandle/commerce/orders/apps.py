from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from nichandle.platform.ui.menu import Below, MenuEntry


class OrdersConfig(AppConfig):
    name = "nichandle.commerce.orders"
    menu = (
        MenuEntry("orders:list", _("Orders"), "inbox", rank=30),
        Below("orders:list", ("orders:", "payments:", "area:shop")),
        Below("services:list", ("orders:plans", "orders:upgrade")),
        Below("area:shop", ("area:family", "area:product", "area:terms"), _("All products")),
        Below("area:shop", ("orders:basket",), _("All products")),
        Below("orders:basket", ("orders:checkout",), _("Basket")),
    )
