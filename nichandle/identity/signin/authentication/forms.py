"""The forms of signing in."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.passwords import MAXIMUM_LENGTH
from nichandle.platform.kernel.wording.figures import Duration, with_figures


class SigninForm(forms.Form):
    """One field for identifier, alias or address; one password, never sent back."""

    identifier = forms.CharField(
        label=_("Client identifier or e-mail address"),
        max_length=254,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "username webauthn",
                "autocapitalize": "none",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
        error_messages={"required": _("Enter your client identifier or your e-mail address.")},
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=MAXIMUM_LENGTH * 2,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Enter your password.")},
    )
    stay = forms.BooleanField(
        label=_("Stay signed in on this device"),
        required=False,
        help_text=with_figures(
            _("For up to %(time)s. Not on a shared computer."),
            time=Duration(settings.NICHANDLE_SESSION_LONGEST_DAYS),
        ),
    )


class OpeningForm(forms.Form):
    """Whose sign-in is to be opened; whether it is known is not for this page to say."""

    typed = forms.CharField(
        label=_("Client identifier or e-mail address"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
        error_messages={"required": _("Enter your client identifier or your e-mail address.")},
    )
    by_recovery = forms.BooleanField(
        label=_("Send to my recovery addresses instead"), required=False
    )
