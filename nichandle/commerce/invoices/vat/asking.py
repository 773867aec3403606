"""Evidence that contradicts itself: the customer is asked, and nothing is guessed."""

from django.utils.translation import gettext_lazy as _

from nichandle.platform.kernel.errors import Refused


class PlaceNotClear(Refused):
    """What is known about a customer points to two places, and VAT differs between them."""

    code = "vat.place_not_clear"
    message = _(
        "Your address is in %(stated)s, and other signs point to %(found)s. VAT depends on it:"
        " correct your address, or confirm it with a payment means of that country."
    )
    field = "country"
