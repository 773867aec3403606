"""What this room refuses, each with the sentence for the person."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts import models as accounts
from nichandle.identity.emailchange import clock
from nichandle.identity.emailchange.queries import TIMES_AGAIN, VETOES, VETOES_IN
from nichandle.identity.factors import models as factors
from nichandle.platform.kernel.errors import MANGLED, LinkRefused, Refused, link_over
from nichandle.platform.kernel.wording.figures import Duration, Number, with_figures


class SameAddress(Refused):
    code = "email.same"
    message = _("This is your primary address already. Give the new one.")
    field = "address"


class NotVetoedOften(Refused):
    code = "email.not_vetoed_often"
    message = with_figures(
        _("Customer service decides only after %(vetoes)s refusals within %(time)s."),
        vetoes=Number(VETOES),
        time=Duration(VETOES_IN),
    )


class RecoveryTooYoung(Refused):
    code = "email.recovery_too_young"
    message = with_figures(
        _("This recovery address is younger than %(time)s: it cannot become the primary yet."),
        time=Duration(accounts.ESTABLISHED_AFTER, "than"),
    )
    field = "address"


class NoOpenChange(Refused):
    code = "email.no_open_change"
    message = _("No change of address is under way any more.")
    status = 409


class ChangeSentOften(Refused):
    code = "email.sent_often"
    message = with_figures(
        _("It was sent %(count)s times again already. Look into your unwanted mail."),
        count=Number(TIMES_AGAIN),
    )


class ApprovedAlready(Refused):
    code = "email.approved_already"
    message = _("The code was entered already: no other is needed.")
    status = 409


class ProvenAlready(Refused):
    code = "email.proven_already"
    message = _("The new address is proven already: no other link is needed.")
    status = 409


class ChangeCodeWrong(Refused):
    code = "email.code_wrong"
    message = _("This is not the code we sent. You have %(left)s tries left today.")
    field = "code"
    counted = True


class ProofCodeWrong(Refused):
    code = "email.proof_code_wrong"
    message = _(
        "This is not the code we sent to the new address. You have %(left)s tries left today."
    )
    field = "code"
    counted = True


class ProofElsewhere(Refused):
    code = "email.proof_elsewhere"
    message = _("The change was not asked for in this browser: nothing is confirmed yet.")
    status = 403


class CodesSpent(Refused):
    code = "email.codes_spent"
    message = _("That was the tenth wrong code today: the request has ended.")
    counted = True
    status = 409


class ChangeHeld(Refused):
    code = "email.held"
    message = _(
        "The change is held, because an act in your account was contested. Resume it first."
    )


OVER = {
    "refused": _("The request that this link belongs to was refused."),
    "replaced": _("The request that this link belongs to was replaced by a newer one."),
    "withdrawn": _("The request that this link belongs to was withdrawn."),
    "lapsed": with_figures(
        _("The request that this link belongs to ended after %(time)s without effect."),
        time=Duration(clock.OPEN_FOR, "than", in_words=True),
    ),
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
        "expired": link_over(clock.VETO_FOR),
        "address": NOT_THE_ACCOUNTS,
        "done": _("Too late to refuse it: the change has taken effect already."),
        **OVER,
    }


class UndoLinkNotValid(LinkRefused):
    code = "email.undo_link_not_valid"
    message = with_figures(
        _("This link was used, is older than %(time)s, or an earlier address was restored."),
        time=Duration(clock.UNDO_FOR, "than"),
    )
    sentences: ClassVar = {
        "unknown": MANGLED,
        "expired": link_over(clock.UNDO_FOR),
        "address": NOT_THE_ACCOUNTS,
        "void": _("This link is void: customer service has given the account back since."),
        "undone": OVER["undone"],
    }


class UndoFactorTooYoung(Refused):
    code = "email.undo_factor_too_young"
    message = with_figures(
        _("Only a factor set up at least %(time)s before the change can confirm the undo."),
        time=Duration(factors.ESTABLISHED_AFTER),
    )
    field = "code"


class UndoCodeWrong(Refused):
    code = "email.undo_code_wrong"
    message = _("This is not the code we sent. Check it and try again.")
    field = "code"
    counted = True
