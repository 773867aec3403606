"""The menu of the customer area: shown are the entries whose rooms exist."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Entry(NamedTuple):
    """One entry: the name of its page's address, its word and its icon."""

    name: str
    label: str | Promise
    icon: str


MENU = (
    Entry("area:home", _("Home"), "home"),
    Entry("services:list", _("Services"), "server"),
    Entry("contacts:list", _("Contacts"), "users"),
    Entry("area:account", _("My account"), "user"),
    Entry("area:security", _("Security"), "shield-check"),
    Entry("area:ledger", _("Ledger"), "history"),
    Entry("area:mails", _("Mails"), "mail"),
)
