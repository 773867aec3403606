"""The forms of those who cannot get in."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.forms import LONG_PASSWORD, PasswordField
from nichandle.identity.accounts.models import ESTABLISHED_AFTER
from nichandle.identity.pauses.acts import CAUSES
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.wording.figures import Duration, with_figures


class LostPasswordForm(forms.Form):
    """Identifier or address, in any spelling."""

    typed = forms.CharField(
        label=_("Client identifier or e-mail address"),
        max_length=addresses.MAXIMUM_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
        error_messages={"required": _("Enter your client identifier or your e-mail address.")},
    )
    by_recovery = forms.BooleanField(
        label=_("I no longer read that mailbox: send to my recovery address instead"),
        required=False,
        help_text=with_figures(
            _(
                "For a recovery address older than %(age)s. The contact address is told at once, "
                "and sensitive changes wait %(time)s afterwards."
            ),
            age=Duration(ESTABLISHED_AFTER, "than"),
            time=Duration(CAUSES["reset_by_recovery"].lasts),
        ),
    )


class KnownAddressField(forms.CharField):
    """An address as accounts may have one, whatever domains new ones are refused from."""

    def clean(self, value: Any) -> str:
        try:
            return addresses.check(super().clean(value))
        except addresses.AddressNotValid as refusal:
            raise ValidationError(str(refusal)) from refusal


class LostIdentifierForm(forms.Form):
    """An address; whether it is known is not for this page to say."""

    address = KnownAddressField(
        label=_("E-mail address"),
        max_length=addresses.MAXIMUM_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={"required": addresses.AddressNotValid.message},
    )


class NewPasswordForm(forms.Form):
    """The new password."""

    password = PasswordField(
        new=True,
        label=_("New password"),
        help_text=LONG_PASSWORD,
    )
