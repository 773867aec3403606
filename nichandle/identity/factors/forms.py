"""What the pages that ask for a factor have in common: codes as typed, and keys' answers."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.forms import LONG_PASSWORD, PasswordField
from nichandle.identity.factors.answers import Answer, Method
from nichandle.identity.factors.ceremony import LONGEST_ANSWER
from nichandle.identity.factors.models import NAME_LENGTH
from nichandle.identity.factors.totp import STEP
from nichandle.platform.kernel.wording.figures import with_figures

DIGITS: dict[str, Any] = {"inputmode": "numeric", "data-digits": ""}


class CodeField(forms.CharField):
    """A code as one types it: spaces and dashes do not matter."""

    def __init__(self, *, marks: Mapping[str, Any] | None = None, **options: Any) -> None:
        attrs = {
            "autocomplete": "one-time-code",
            "autocapitalize": "characters",
            "spellcheck": "false",
            "autofocus": True,
            **(marks or {}),
        }
        super().__init__(max_length=60, widget=forms.TextInput(attrs=attrs), **options)
        self.error_messages["required"] = _("Enter the code.")


class FactorForm(forms.Form):
    """What all ways to prove a factor have in common."""

    method: Method

    def __init__(self, data: Mapping[str, Any] | None = None, *, password: bool = False) -> None:
        super().__init__(data)
        if password:
            # Without a factor the password stands alone, and must be long.
            self.fields["password"] = PasswordField(
                new=True,
                label=_("New password"),
                help_text=LONG_PASSWORD,
            )

    def answer(self) -> Answer:
        given = {name: self.cleaned_data.get(name, "") for name in ("code", "response", "state")}
        return Answer(self.method, **given)


class AppForm(FactorForm):
    """The code that an authenticator app shows now."""

    method: Method = "app"
    code = CodeField(
        label=_("Code of your app"),
        help_text=with_figures(
            _("Six digits, such as 123 456; they change every %(seconds)s seconds."), seconds=STEP
        ),
        marks=DIGITS,
    )


class RecoveryCodeForm(FactorForm):
    """One of the recovery codes that were kept."""

    method: Method = "code"
    code = CodeField(
        label=_("Recovery code"),
        help_text=_("Sixteen letters, such as BCDF-GHJK-LMNP-QRST. Each works once."),
    )


class KeyForm(FactorForm):
    """What a key or passkey said; written by the browser, not by hand."""

    method: Method = "key"
    response = forms.CharField(
        max_length=LONGEST_ANSWER,
        widget=forms.HiddenInput(attrs={"data-key-response": ""}),
        error_messages={"required": _("Your key gave no answer. Try again.")},
    )
    state = forms.CharField(max_length=1000, widget=forms.HiddenInput)


FACTOR_FORMS: dict[str, type[FactorForm]] = {
    "app": AppForm,
    "key": KeyForm,
    "code": RecoveryCodeForm,
}


class NameForm(forms.Form):
    """A name by which its owner tells one factor from another."""

    name = forms.CharField(
        label=_("Name"),
        max_length=NAME_LENGTH,
        help_text=_("By which you will recognise it, such as “Telephone” or “Grey key”."),
        error_messages={"required": _("Give it a name.")},
    )


class NewAppForm(NameForm):
    """The first code of an app that is being set up; ``setup`` is ours, sealed."""

    code = CodeField(
        label=_("Code of your app"),
        help_text=_("Six digits, such as 123 456."),
        marks={**DIGITS, "autofocus": False},
    )
    setup = forms.CharField(max_length=1000, widget=forms.HiddenInput, required=False)


class NewKeyForm(NameForm):
    """The answer of a key that is being set up."""

    response = KeyForm.base_fields["response"]
    state = forms.CharField(max_length=1000, widget=forms.HiddenInput)
