"""The forms of this room."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.contacts import naming
from nichandle.commerce.services.words import ROLES, ROLES_EXPLAINED
from nichandle.platform.kernel import addresses

TOKEN_LENGTH = 64
WARNING_LENGTH = 2000


class NewcomerField(forms.CharField):
    """An identifier or an address; whether it is somebody's is not for a form to say."""

    def clean(self, value: Any) -> str:
        written = str(super().clean(value) or "")
        if not written:
            return ""
        try:
            return naming.check(written)
        except naming.NewcomerNotReadable as refusal:
            raise ValidationError(str(refusal), refusal.code) from refusal


class ChangeForm(forms.Form):
    """For each role one may hand over, who shall have it; empty leaves it as it is."""

    def __init__(self, roles: Sequence[str], services: str, data: Any = None) -> None:
        super().__init__(data, initial={"services": services})
        for role in roles:
            self.fields[role] = NewcomerField(
                label=str(ROLES[role]),
                help_text=str(ROLES_EXPLAINED[role]),
                required=False,
                max_length=addresses.MAXIMUM_LENGTH,
                widget=forms.TextInput(
                    attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
                ),
            )
        self.roles = roles

    services = forms.CharField(widget=forms.HiddenInput)

    def named(self) -> dict[str, str]:
        return {role: name for role in self.roles if (name := self.cleaned_data.get(role))}


class WarningForm(forms.Form):
    """About whom, and what; whoever reads it wants to know how somebody found out."""

    def __init__(self, people: Sequence[tuple[str, str]], data: Any = None) -> None:
        only = people[0][0] if len(people) == 1 else None
        super().__init__(data, initial={"about": only})
        self.fields["about"] = forms.ChoiceField(
            label=_("Whom is it about?"),
            choices=people,
            widget=forms.RadioSelect,
            error_messages={"required": _("Choose a contact of this service.")},
        )
        self.order_fields(["about", "words"])

    words = forms.CharField(
        label=_("What seems wrong?"),
        max_length=WARNING_LENGTH,
        help_text=_("What you saw or heard, when, and how to reach you."),
        error_messages={"required": _("Write what seems wrong.")},
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class AcceptForm(forms.Form):
    """The code of the mail, where it is wanted, and the terms, where a role comes with them."""

    def __init__(self, *, token: bool, terms: bool, data: Any = None, given: str = "") -> None:
        super().__init__(data, initial={"token": given})
        if not token:
            del self.fields["token"]
        if not terms:
            del self.fields["terms"]

    token = forms.CharField(
        label=_("Code of the mail"),
        max_length=TOKEN_LENGTH,
        help_text=_("We sent it to your primary address. It works once."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )
    terms = forms.BooleanField(
        label=_("I accept the terms of these services"),
        error_messages={"required": _("Accept the terms of the service to take this role.")},
    )
