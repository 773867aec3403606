"""The menu of the customer area: shown are the entries whose rooms exist."""

from django.utils.translation import gettext_lazy as _

MENU = (
    {"name": "area:home", "label": _("Home"), "icon": "home"},
    {"name": "services:list", "label": _("Services"), "icon": "server"},
    {"name": "contacts:list", "label": _("Contacts"), "icon": "users"},
    {"name": "area:account", "label": _("My account"), "icon": "user"},
    {"name": "area:security", "label": _("Security"), "icon": "shield-check"},
    {"name": "area:ledger", "label": _("Ledger"), "icon": "history"},
    {"name": "area:mails", "label": _("Mails"), "icon": "mail"},
)
