"""What this room refuses, each with the sentence for the person."""

from django.utils.translation import gettext_lazy as _

from nichandle.kernel.errors import Refused


class SameAddress(Refused):
    code = "email.same"
    message = _("This is your primary address already. Give the new one.")
    field = "address"


class NotVetoedOften(Refused):
    code = "email.not_vetoed_often"
    message = _("Customer service decides only after three refusals within 30 days.")


class RecoveryTooYoung(Refused):
    code = "email.recovery_too_young"
    message = _("This recovery address is younger than 7 days: it cannot become the primary yet.")
    field = "address"


class NoOpenChange(Refused):
    code = "email.no_open_change"
    message = _("No change of address is under way any more.")
    status = 409


class SentOften(Refused):
    code = "email.sent_often"
    message = _("It was sent three times again already. Look into your unwanted mail.")


class CodeWrong(Refused):
    code = "email.code_wrong"
    message = _("This is not the code we sent. You have %(left)s tries left today.")
    field = "code"
    counted = True


class CodesSpent(Refused):
    code = "email.codes_spent"
    message = _("That was the tenth wrong code today: the request has ended.")
    counted = True
    status = 409


class Held(Refused):
    code = "email.held"
    message = _(
        "The change is held, because an act in your account was contested. Resume it first."
    )


class ProofLinkNotValid(Refused):
    code = "email.proof_link_not_valid"
    message = _("This link was used, replaced by a newer one, or its request has ended.")
    status = 410


class VetoLinkNotValid(Refused):
    code = "email.veto_link_not_valid"
    message = _("No change of address is open for this link any more.")
    status = 410


class UndoLinkNotValid(Refused):
    code = "email.undo_link_not_valid"
    message = _("This link was used, is older than 7 days, or an earlier address was restored.")
    status = 410


class UndoFactorTooYoung(Refused):
    code = "email.undo_factor_too_young"
    message = _("Only a factor set up at least 7 days before the change can confirm the undo.")
    field = "code"


class UndoCodeWrong(Refused):
    code = "email.undo_code_wrong"
    message = _("This is not the code we sent. Check it and try again.")
    field = "code"
    counted = True
