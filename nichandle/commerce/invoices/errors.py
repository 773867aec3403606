"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from nichandle.platform.kernel.errors import Refused


class InvoiceNotFound(Refused):
    code = "invoice.not_found"
    message = _("There is no such invoice.")
    status = 404


class SellerMissing(Refused):
    code = "seller.missing"
    message = _("No seller is set, so nothing can be invoiced: NICHANDLE_SELLER_FILE names it.")
    status = 503


class HolderIncomplete(Refused):
    code = "invoice.holder_incomplete"
    message = _("An invoice needs your name and your whole address: complete them in your account.")
    status = 409
