"""The forms of this room."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from nichandle.commerce.invoices.queries import Filter
from nichandle.commerce.invoices.words import STATES

ALL = pgettext_lazy("filter", "All")


class DayInput(forms.DateInput):
    """The browser's own field for a day."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class FilterForm(forms.Form):
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
    begin = forms.DateField(label=_("From"), required=False, widget=DayInput)
    end = forms.DateField(label=_("To"), required=False, widget=DayInput)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "FilterForm":
        return cls(given, auto_id="filter_%s")

    def wanted(self) -> Filter:
        """Return what is filtered for; a value that no list knows is left out."""
        self.full_clean()
        found = self.cleaned_data
        return Filter(
            text=found.get("text") or "",
            state=found.get("state") or "",
            begin=found.get("begin"),
            end=found.get("end"),
        )

    def query(self) -> dict[str, str]:
        """Return the filter as a page's address carries it."""
        wanted = self.wanted()
        return {name: str(value) for name in self.fields if (value := getattr(wanted, name))}
