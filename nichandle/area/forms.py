"""The forms of the area's own pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nichandle.accounts.forms import AddressField, PasswordField
from nichandle.signin.networks import NotANetwork


class PasswordForm(forms.Form):
    """The present password, which proves who asks, and the new one."""

    current = PasswordField(new=False, label=_("Present password"))
    password = PasswordField(
        new=True,
        label=_("New password"),
        help_text=_("At least 15 characters, for instance four words. Used nowhere else."),
    )

    def without_current(self) -> None:
        """Ask for the new password alone: there is none at present."""
        del self.fields["current"]

    def shorten(self, *, second_factor: bool) -> None:
        """Say that beside a second factor a shorter password is enough."""
        if second_factor:
            self.fields["password"].help_text = _("At least 8 characters. Used nowhere else.")


class RecoveryAddressForm(forms.Form):
    """One more recovery address."""

    address = AddressField(
        label=_("Recovery address"),
        help_text=_("With another provider than your primary address. It never signs in."),
    )


class NetworkRuleForm(forms.Form):
    """One network, allowed or denied."""

    network = forms.CharField(
        label=_("Network"),
        max_length=49,
        help_text=_("An address such as 203.0.113.7, or a network such as 203.0.113.0/24."),
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "none"}),
        error_messages={"required": NotANetwork.message},
    )
    allowed = forms.ChoiceField(
        label=_("Sign-ins from there"),
        choices=[("yes", _("Allowed")), ("no", _("Denied"))],
        widget=forms.RadioSelect,
        initial="yes",
    )
    notice = forms.BooleanField(label=_("Tell me of each by mail"), required=False)

    def rule(self) -> dict[str, Any]:
        """Return the rule as the operation takes it."""
        given = self.cleaned_data
        return {
            "network": given["network"],
            "allowed": given["allowed"] == "yes",
            "notice": given["notice"],
        }
