"""The list of all acts of the ledger, each with the sentence its account's owner reads."""

from django.utils.translation import gettext_lazy as _

ACTS = {
    "account.created": _("Address proven, account begun"),
    "account.opened": _("Account opened, identifier issued"),
    "account.details_changed": _("Details changed"),
    "account.language_changed": _("Language changed"),
    "recovery_address.added": _("Recovery address added"),
    "recovery_address.proven": _("Recovery address proven"),
    "recovery_address.code_wrong": _("Wrong code for a recovery address"),
    "password.reset_asked": _("Link for a new password asked for"),
    "password.reset": _("Password set anew by a link"),
    "password.changed": _("Password changed"),
    "signin.succeeded": _("Signed in"),
    "signin.half_finished": _("Right password, second step not passed"),
    "signin.factor_wrong": _("Wrong second factor"),
    "signin.code_sent": _("Code for an unknown browser sent"),
    "signin.signed_out": _("Signed out"),
    "signin.session_ended": _("Session of another device ended"),
    "signin.others_ended": _("All other sessions ended"),
    "factors.added": _("Second factor added"),
    "factors.renamed": _("Second factor renamed"),
    "factors.removed": _("Second factor removed"),
    "factors.cloned": _("Key refused: there seems to be a copy of it"),
    "factors.codes_made": _("Recovery codes made"),
    "factors.code_used": _("Recovery code used"),
    "factors.trusted": _("Browser trusted for 30 days"),
    "factors.trust_ended": _("Trusted browsers forgotten"),
}
