"""The figures that sentences name of this room: ``"invoices.link"``."""

from nichandle.commerce.invoices.archives import asking
from nichandle.commerce.invoices.sharing import copies, links

FIGURES = {
    "link": links.LASTS,
    "archive": asking.KEPT,
    "copy": copies.AGREED_WITHIN,
}
