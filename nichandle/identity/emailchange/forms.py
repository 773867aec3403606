"""The forms of this room; most codes have theirs in ``accounts``."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.forms import AddressField, CodeForm


class AddressForm(forms.Form):
    """The new primary address."""

    address = AddressField(
        label=_("New e-mail address"),
        help_text=_("One you can read now: a link and a code are sent to it."),
    )


class ProofCodeForm(CodeForm):
    """The code of the mail to the new address."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.fields["code"].label = _("Code from the mail to the new address")
        self.fields["code"].widget.attrs.pop("autofocus", None)


KEEP, REFUSE, UNDO = "keep", "refuse", "undo"
CHOOSE = {"required": _("Choose what you mean: nothing has happened yet.")}


class VetoForm(forms.Form):
    """
    What somebody means who opened the link that refuses a change.

    Nothing is chosen beforehand and the first does nothing: programs that press every button, or
    fill forms in with what they find first, change nothing.
    """

    meaning = forms.ChoiceField(
        label=_("What do you want?"),
        choices=[
            (KEEP, _("It was me, or I am not sure: leave the request as it is")),
            (REFUSE, _("It was not me: refuse the change")),
        ],
        widget=forms.RadioSelect,
        error_messages=CHOOSE,
    )


class UndoForm(forms.Form):
    """The same for the link that undoes a change."""

    meaning = forms.ChoiceField(
        label=_("What do you want?"),
        choices=[
            (KEEP, _("It was me, or I am not sure: leave the address as it is")),
            (UNDO, _("It was not me: undo the change")),
        ],
        widget=forms.RadioSelect,
        error_messages=CHOOSE,
    )
