"""The menu of the customer area: shown are the entries whose rooms exist."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class MenuEntry(NamedTuple):
    """
    One entry: the name of its page's address, its word and its icon.

    What is ``own`` is about the account: it stands behind the identifier at the top right, and on
    narrow screens in the one menu with all others.
    """

    name: str
    label: str | Promise
    icon: str
    own: bool = False


MENU = (
    MenuEntry("area:home", _("Home"), "home"),
    MenuEntry("services:list", _("Services"), "server"),
    MenuEntry("orders:list", _("Orders"), "inbox"),
    MenuEntry("invoices:list", _("Invoices"), "receipt"),
    MenuEntry("contacts:list", _("Contacts"), "users"),
    MenuEntry("tickets:list", _("Support"), "info-circle"),
    MenuEntry("area:account", _("My account"), "user", own=True),
    MenuEntry("payments:means", _("Your means of payment"), "receipt", own=True),
    MenuEntry("area:security", _("Security"), "shield-check", own=True),
    MenuEntry("area:ledger", _("Ledger"), "history", own=True),
    MenuEntry("area:mails", _("Mails"), "mail", own=True),
)
