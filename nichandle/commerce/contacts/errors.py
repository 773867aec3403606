"""What this room refuses."""

from django.utils.translation import gettext_lazy as _

from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording.figures import Duration, with_figures


class NothingToChange(Refused):
    code = "contact.nothing_to_change"
    message = _("Nothing would change: name somebody for at least one role.")


class ContactsNotChangeable(Refused):
    code = "contact.not_changeable"
    message = _("You may not change this contact on every service you chose.")
    status = 403


class ContactsFrozen(Refused):
    code = "contact.frozen"
    message = _("The contacts of a service are in dispute: nobody can change them for now.")
    status = 403


class ServiceEnded(Refused):
    code = "contact.service_ended"
    message = _("A service that is terminated keeps its contacts.")


class HigherRequestOpen(Refused):
    code = "contact.higher_request_open"
    message = _("Somebody with a higher role has asked to change this contact: it goes first.")


class TooManyServices(Refused):
    code = "contact.too_many_services"
    message = _("Choose at most %(most)s services at once.")


class RequestGone(Refused):
    """It ended, or lapsed, or never was this person's."""

    code = "contact.request_gone"
    message = _("This request is over: it was answered, withdrawn, replaced or has lapsed.")
    status = 410


class TokenNotValid(Refused):
    code = "contact.token_not_valid"
    message = _(
        "This code or link was used, replaced by a newer one, or belongs to another request. Or it "
        "is not complete: then copy the whole of it from the mail."
    )
    field = "token"
    status = 410


class TokenMissing(Refused):
    code = "contact.token_missing"
    message = _("Enter the code of the mail we sent you: it proves that you read your mailbox.")
    field = "token"


class AnotherAccount(Refused):
    code = "contact.another_account"
    message = _("This request is meant for another account. Sign in with that one.")
    status = 403


class TermsNotAccepted(Refused):
    code = "contact.terms_not_accepted"
    message = _("Accept the terms of the service to take this role.")
    field = "terms"


class AlreadyAnswered(Refused):
    code = "contact.already_answered"
    message = _("You have accepted already.")


class RequestSentOften(Refused):
    code = "contact.sent_often"
    message = _("This mail was sent several times already. Look into the unwanted mail.")


class NotYoursToResume(Refused):
    code = "contact.not_yours_to_resume"
    message = _("Only the account whose acts were contested lets this request go on.")
    status = 403


class NotAContact(Refused):
    code = "contact.not_a_contact"
    message = _("This account has no role on this service any more. Choose another contact.")
    field = "about"


class DisputeLinkNotValid(Refused):
    code = "contact.dispute_link_not_valid"
    message = with_figures(
        _(
            "This link was used already, or is older than %(time)s. Or it is not complete: then "
            "copy the whole of it from the mail."
        ),
        time=Duration("contacts.dispute", "than"),
    )
    status = 410


class RoleWouldBeClosed(Refused):
    """A service never lacks an administrator, nor an owner, whose account is open."""

    code = "contact.role_would_be_closed"
    message = _(
        "The account that would have the role is closed. Decide the other way, or wait until one "
        "of the two accounts is open."
    )


class DisputeSettled(Refused):
    code = "contact.dispute_settled"
    message = _("There is no open dispute of this number.")
