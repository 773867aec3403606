"""Prices in words, for a label or a sentence."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nichandle.platform.kernel.wording import languages
from nichandle.sites.area.shop.prices import Amount, ShownPrice


def price_words(price: ShownPrice, *, gross_first: bool) -> str:
    """Say a period and what it costs: “12 months: €35.88 with VAT, €29.90 before VAT”."""
    said = [amount_words(price.amount, gross_first=gross_first)]
    if price.setup:
        setup = amount_words(price.setup, gross_first=gross_first)
        said.append(_("set-up, once: %(amount)s") % {"amount": setup})
    costs = " + ".join(said)
    if not price.months:
        return costs
    months = ngettext("%(months)s month", "%(months)s months", price.months)
    period = months % {"months": price.months}
    return _("%(period)s: %(costs)s") % {"period": period, "costs": costs}


def amount_words(amount: Amount, *, gross_first: bool) -> str:
    """Say an amount before VAT and with it; ``gross_first`` for whoever pays it in the end."""
    language = languages.current()
    net = amount.net.shown(language)
    if amount.gross is None:
        return _("%(net)s plus VAT") % {"net": net}
    if not amount.bears_vat:
        return _("%(net)s, without VAT") % {"net": net}
    gross = amount.gross.shown(language)
    both = {"gross": gross, "net": net}
    if gross_first:
        return _("%(gross)s with VAT, %(net)s before VAT") % both
    return _("%(net)s before VAT, %(gross)s with VAT") % both
