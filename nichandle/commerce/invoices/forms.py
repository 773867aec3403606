"""The forms of this room."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from nichandle.commerce.invoices.queries import InvoiceFilter, amount_of
from nichandle.commerce.invoices.words import STATES
from nichandle.identity.accounts.forms import AddressField
from nichandle.platform.ui.converters import LARGEST_KEY

FINGERPRINT = re.compile(r"[0-9a-f]{64}")
ALL = pgettext_lazy("filter", "All")


class DayInput(forms.DateInput):
    """The browser's own field for a day."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class InvoiceFilterForm(forms.Form):
    """Search and filters; all may be empty, and what no list knows filters nothing."""

    text = forms.CharField(
        label=_("Number or amount"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", ALL), *STATES.items()]
    )
    begin = forms.DateField(label=pgettext_lazy("period", "From"), required=False, widget=DayInput)
    end = forms.DateField(label=pgettext_lazy("period", "To"), required=False, widget=DayInput)
    service = forms.IntegerField(
        required=False, min_value=1, max_value=LARGEST_KEY, widget=forms.HiddenInput
    )

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "InvoiceFilterForm":
        return cls(given, auto_id="filter_%s")

    def wanted(self) -> InvoiceFilter:
        """Return what is filtered for; a value that no list knows is left out."""
        self.full_clean()
        found = self.cleaned_data
        return InvoiceFilter(
            text=found.get("text") or "",
            state=found.get("state") or "",
            begin=found.get("begin"),
            end=found.get("end"),
            service=found.get("service"),
        )

    def query(self) -> dict[str, str]:
        """Return the filter as a page's address carries it."""
        wanted = self.wanted()
        return {name: str(value) for name in self.fields if (value := getattr(wanted, name))}


class CheckForm(forms.Form):
    """What stands on an invoice that somebody doubts."""

    number = forms.CharField(
        label=_("Number of the invoice"),
        max_length=20,
        help_text=_("As it stands at the top right, such as F2026-000123."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    amount = forms.CharField(
        label=_("Amount with VAT"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    fingerprint = forms.CharField(
        label=_("Fingerprint of the file"),
        required=False,
        max_length=80,
        help_text=_("Its SHA-256, if you can: it tells whether a single character was changed."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_number(self) -> str:
        return str(self.cleaned_data["number"]).strip().upper()

    def clean_amount(self) -> Decimal:
        amount = amount_of(self.cleaned_data["amount"])
        if amount is None:
            raise forms.ValidationError(_("Write the amount in figures, such as 12.34."))
        return amount

    def clean_fingerprint(self) -> str:
        given = "".join(str(self.cleaned_data["fingerprint"]).split()).lower()
        if given and not FINGERPRINT.fullmatch(given):
            raise forms.ValidationError(_("A fingerprint has 64 characters, 0 to 9 and a to f."))
        return given


class CopyForm(forms.Form):
    """An address that is to get copies."""

    address = AddressField(label=_("E-mail address"))
