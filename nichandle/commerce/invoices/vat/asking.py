"""Evidence that contradicts itself: the customer is asked, and nothing is guessed."""

from django.utils.translation import gettext_lazy as _

from nichandle.platform.kernel.errors import Refused


class PlaceNotClear(Refused):
    """What is known about a customer points to two places, and VAT differs between them."""

    code = "vat.place_not_clear"
    message = _(
        "Your address says %(stated)s, and other signs say %(found)s. VAT depends on it: correct"
        " your address, or pay with a means of the country where you live."
    )
    field = "country"


class NumberElsewhere(Refused):
    """A VAT number that exists, of another state than the customer's address."""

    code = "vat.number_elsewhere"
    message = _(
        "The VAT number %(number)s belongs to another country than your address (%(stated)s)."
        " Give the number of the establishment that buys, or correct the address."
    )
    field = "vat_number"
