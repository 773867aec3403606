"""The forms of signing in again: all that signing in asks for, or a key that is both in one."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.passwords import MAXIMUM_LENGTH
from nichandle.identity.factors.forms import AppForm, FactorForm, KeyForm, RecoveryCodeForm
from nichandle.identity.factors.queries import Factors


class AgainForm(forms.Form):
    """The password once more."""

    password = forms.CharField(
        label=_("Password"),
        max_length=MAXIMUM_LENGTH * 2,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
        error_messages={"required": _("Enter your password.")},
    )


class _Both(AgainForm, FactorForm):
    """The password, and a factor beside it."""

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        if "code" in self.fields:
            # The password is typed first.
            self.fields["code"].widget.attrs.pop("autofocus", None)


class AgainWithApp(_Both, AppForm):
    """The password and a code of an app."""


class AgainWithKey(_Both, KeyForm):
    """The password and a touch of a key."""


class AgainWithCode(_Both, RecoveryCodeForm):
    """The password and a recovery code."""


PASSWORD, PASSKEY = "password", "passkey"
FORMS: Mapping[str, type[forms.Form]] = {
    PASSWORD: AgainForm,
    "app": AgainWithApp,
    PASSKEY: KeyForm,
    "key": AgainWithKey,
    "code": AgainWithCode,
}


def methods(present: Factors) -> list[str]:
    """
    Return the ways in which somebody with these factors signs in again, the easiest first.

    Empty when there are factors of which none can be used any more. A key that made sure of its
    owner when it was set up is asked to do so again, in place of the password.
    """
    if not present.any:
        return [PASSWORD]
    keys = [key for key in present.keys if key.copied_at is None]
    verifying = [PASSKEY] if any(key.user_verified for key in keys) else []
    return [*verifying, *present.methods]
