"""The refusals of this room."""

from django.utils.translation import gettext_lazy as _

from nichandle.identity.cases.kinds import CROWDED
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording.figures import Megabytes, with_figures


class FilingGone(Refused):
    code = "case.filing_gone"
    message = _(
        "This form is too old, or its link is not complete. Copy the whole of it from the mail, or "
        "begin again."
    )
    status = 410


class CaseCodeWrong(Refused):
    code = "case.code_wrong"
    message = _("This is not the code we sent. Tries left: %(left)s.")
    field = "code"
    counted = True


class CaseCodeSpent(Refused):
    code = "case.code_spent"
    message = _("This code is no longer valid. Have a new one sent.")
    field = "code"


class CaseSentOften(Refused):
    code = "case.sent_often"
    message = _("We have sent several codes already. Check your unwanted mail, or begin again.")
    field = "code"


class CasesRunAlready(Refused):
    code = "case.already_many"
    message = CROWDED
    field = "typed"


class AddressOpensAnAccount(Refused):
    """Said only to somebody who has just proven that the address is theirs."""

    code = "case.address_in_use"
    message = _("This address is the contact address of an account already. Begin with another.")
    field = "code"


class CaseOver(Refused):
    code = "case.over"
    message = _("This case is closed; nothing can be changed in it any more.")
    status = 410


class NoticeLinkNotValid(Refused):
    code = "case.notice_link_not_valid"
    message = _(
        "This link no longer works: the case is closed, a newer mail replaced it, or its address "
        "is the account’s no more. Or it is not complete: then copy the whole of it from the mail."
    )
    status = 410


class CannotConfirm(Refused):
    code = "case.cannot_confirm"
    message = _("Only the contact address of the account can confirm this.")


class PaperRefused(Refused):
    """The parent of what is said of a paper."""

    field = "paper"


class PaperTooLarge(PaperRefused):
    code = "case.paper_too_large"
    message = with_figures(
        _("This file is larger than %(size)s MB. Take the picture at a lower resolution."),
        size=Megabytes("cases.largest_paper"),
    )


class PaperEmpty(PaperRefused):
    code = "case.paper_empty"
    message = _("This file is empty. Choose it again.")


class PaperTypeWrong(PaperRefused):
    code = "case.paper_type_wrong"
    message = _("Only JPEG, PNG and PDF files can be read here; this is none, whatever its name.")


class NoRoomForPapers(PaperRefused):
    code = "case.no_room"
    message = _("We cannot take papers at the moment. Come back in a few hours: your case is kept.")
    status = 503


class TooManyPapers(PaperRefused):
    code = "case.too_many_papers"
    message = _("There are too many papers. Remove one first, or put several pages in one file.")


class NotYourCase(Refused):
    code = "case.not_yours"
    message = _("Take up this case first.")
    status = 404


class EnoughReviewers(Refused):
    code = "case.enough_reviewers"
    message = _("Enough reviewers are at work on this case.")


class OwnCase(Refused):
    code = "case.own"
    message = _("This case concerns yourself: somebody else must review it.")


class DecidedAlready(Refused):
    code = "case.decided_already"
    message = _("You have decided on this case already.")


class NothingToGrant(Refused):
    code = "case.nothing_to_grant"
    message = _("There is no account, or no proven address, to which access could be given.")


class NotEstablished(Refused):
    code = "case.not_established"
    message = _("Tick every paper, or write how you established the identity otherwise.")
    field = "words"


class PaperNotThere(Refused):
    code = "case.paper_not_there"
    message = _("A paper that nobody sent, or that is still being checked, cannot be found good.")
    field = "ticks"


class MethodMissing(Refused):
    code = "case.method_missing"
    message = _("After an objection the third reviewer calls back or writes by post: say which.")
    field = "method"


class ReasonMissing(Refused):
    code = "case.reason_missing"
    message = _("A refusal states its reasons: choose at least one.")
    field = "reasons"


class WordsMissing(Refused):
    code = "case.words_missing"
    message = _("Write what came of it: the customer reads this.")
    field = "words"
