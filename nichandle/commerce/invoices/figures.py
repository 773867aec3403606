"""The figures that sentences name of this room: ``"invoices.link"``."""

from nichandle.commerce.invoices.archives import asking
from nichandle.commerce.invoices.sharing import links

FIGURES = {
    "link": links.LASTS,
    "archive": asking.KEPT,
}
