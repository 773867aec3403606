"""What this room refuses, each with the sentence for the person."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from nichandle.platform.kernel.errors import MANGLED, LinkRefused, Refused


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


class ApprovedAlready(Refused):
    code = "email.approved_already"
    message = _("The code was entered already: no other is needed.")
    status = 409


class ProvenAlready(Refused):
    code = "email.proven_already"
    message = _("The new address is proven already: no other link is needed.")
    status = 409


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


OVER = {
    "refused": _("The request that this link belongs to was refused."),
    "replaced": _("The request that this link belongs to was replaced by a newer one."),
    "withdrawn": _("The request that this link belongs to was withdrawn."),
    "lapsed": _("The request that this link belongs to ended after seven days without effect."),
    "undone": _("The change that this link belongs to was undone: the address before is back."),
}
NOT_THE_ACCOUNTS = _("This link was mailed to an address that is no longer the account's.")


class ProofLinkNotValid(LinkRefused):
    code = "email.proof_link_not_valid"
    message = _("This link was used, replaced by a newer one, or its request has ended.")
    sentences: ClassVar = {
        "unknown": MANGLED,
        "proven": _("This address is proven already: nothing more is to be done with this link."),
        "newer": _("A newer link was mailed since: only the newest one works."),
        "done": _("The change is made: this address is the primary one."),
        **OVER,
    }


class VetoLinkNotValid(LinkRefused):
    code = "email.veto_link_not_valid"
    message = _("No change of address is open for this link any more.")
    sentences: ClassVar = {
        "unknown": MANGLED,
        "expired": _("This link was good for 30 days, and they are over."),
        "address": NOT_THE_ACCOUNTS,
        "done": _("Too late to refuse it: the change has taken effect already."),
        **OVER,
    }


class UndoLinkNotValid(LinkRefused):
    code = "email.undo_link_not_valid"
    message = _("This link was used, is older than 7 days, or an earlier address was restored.")
    sentences: ClassVar = {
        "unknown": MANGLED,
        "expired": _("This link was good for 7 days, and they are over."),
        "address": NOT_THE_ACCOUNTS,
        "void": _("This link is void: customer service has given the account back since."),
        "undone": OVER["undone"],
    }


class UndoFactorTooYoung(Refused):
    code = "email.undo_factor_too_young"
    message = _("Only a factor set up at least 7 days before the change can confirm the undo.")
    field = "code"


class UndoCodeWrong(Refused):
    code = "email.undo_code_wrong"
    message = _("This is not the code we sent. Check it and try again.")
    field = "code"
    counted = True
