"""The form of a declaration of withdrawal."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.orders.withdrawal.declaring import LONGEST_NAME, LONGEST_WORDS
from nichandle.platform.kernel import addresses


class DeclarationForm(forms.Form):
    """What the law lets a declaration of withdrawal ask for: who, which contract, where to."""

    def __init__(self, data: Any = None, *, signed_in: bool, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        if signed_in:
            del self.fields["number"], self.fields["address"]

    number = forms.CharField(
        label=_("Order number"),
        max_length=20,
        help_text=_("It stands on the confirmation we mailed you: C and eight digits."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    address = forms.CharField(
        label=_("E-mail address of the order"),
        max_length=addresses.MAXIMUM_LENGTH,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
    name = forms.CharField(
        label=_("Your name"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    words = forms.CharField(
        label=_("Anything you wish to add"),
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
