"""The kinds of things that are rented, each with the word a customer reads."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PRODUCTS: dict[str, str | Promise] = {
    "domain": _("Domain name"),
    "hosting": _("Web hosting"),
    "mail": _("E-mail"),
    "server": _("Server"),
    "line": _("Internet line"),
    "telephone": _("Telephone"),
}
