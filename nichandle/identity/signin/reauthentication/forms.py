"""The form of signing in again."""

from django import forms
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.passwords import MAXIMUM_LENGTH


class AgainForm(forms.Form):
    """The password once more."""

    password = forms.CharField(
        label=_("Password"),
        max_length=MAXIMUM_LENGTH * 2,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
        error_messages={"required": _("Enter your password.")},
    )
