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
    "password.reset_stopped": _("New password through a recovery address stopped"),
    "account.disowned": _("Contested by its owner: sessions ended, new password required"),
    "password.reset": _("Password set anew by a link"),
    "password.changed": _("Password changed"),
    "pause.began": _("Sensitive acts paused"),
    "pause.lifted": _("Pause ended early"),
    "pause.code_wrong": _("Wrong code to end a pause"),
    "signin.renewed": _("Sign-in confirmed"),
    "signin.succeeded": _("Signed in"),
    "signin.signed_out": _("Signed out"),
    "signin.session_ended": _("Session of another device ended"),
    "signin.others_ended": _("All other sessions ended"),
}
