"""What this room refuses."""

from django.utils.translation import gettext_lazy as _

from nichandle.platform.kernel.errors import Refused


class ReceivableNotFound(Refused):
    code = "payment.not_found"
    message = _("There is nothing to pay under this number.")
    status = 404


class NothingToPay(Refused):
    code = "payment.nothing_to_pay"
    message = _("There is nothing left to pay here.")
    status = 409


class CurrenciesDiffer(Refused):
    code = "payment.currencies_differ"
    message = _("These amounts are in different currencies: pay them one after another.")


class AmountBelowPaid(Refused):
    code = "payment.amount_below_paid"
    message = _("More than that is paid already: send the difference back instead.")
    status = 409


class MoreThanPaid(Refused):
    code = "payment.more_than_paid"
    message = _("No more can go back than was paid and has not gone back yet.")
    status = 409


class MeansNotOffered(Refused):
    code = "payment.means_not_offered"
    message = _("Choose one of the means of payment on this page.")
    field = "means"


class MeansRefuses(Refused):
    code = "payment.means_refuses"
    message = _(
        "This means does not take this payment: the amount may be too small for it. Nothing was "
        "paid: choose another means, or pay several amounts at once."
    )
    status = 409
    field = "means"


class MeansNotFound(Refused):
    code = "payment.means_not_found"
    message = _("This means of payment is not saved any more.")
    status = 404


class NoSavedMeans(Refused):
    code = "payment.no_saved_means"
    message = _("No means of payment is saved that can be charged.")
    status = 409


class BeingConfirmed(Refused):
    code = "payment.being_confirmed"
    message = _(
        "A payment of it is being confirmed: paying again now would pay it twice. Look again in "
        "some minutes."
    )
    status = 409
