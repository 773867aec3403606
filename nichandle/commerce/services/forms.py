"""The filter above a list of services, the same wherever services are listed."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from nichandle.commerce.services.models import NAME_LENGTH
from nichandle.commerce.services.products import PRODUCTS
from nichandle.commerce.services.queries import PAST, SOON, Filter
from nichandle.commerce.services.words import ROLES, STATES
from nichandle.platform.kernel.wording.figures import Duration, with_figures

EXPIRIES = (
    ("", _("Any")),
    *(
        (name, with_figures(_("Within %(time)s"), time=Duration(length)))
        for name, length in SOON.items()
    ),
    (PAST, _("Past")),
)
ALL = pgettext_lazy("filter", "All")


class FilterForm(forms.Form):
    """Search and filters; all may be empty, and what no list knows filters nothing."""

    text = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=NAME_LENGTH,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    product = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", ALL), *PRODUCTS.items()]
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", ALL), *STATES.items()]
    )
    role = forms.ChoiceField(
        label=_("My role"), required=False, choices=[("", ALL), *ROLES.items()]
    )
    expiry = forms.ChoiceField(label=_("Expiry"), required=False, choices=EXPIRIES)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "FilterForm":
        return cls(given, auto_id="filter_%s")

    def wanted(self) -> Filter:
        """Return what is filtered for; a value that no list knows is left out."""
        self.full_clean()
        return Filter(**{name: str(self.cleaned_data.get(name) or "") for name in self.fields})

    def query(self) -> dict[str, str]:
        """Return the filter as a page's address carries it."""
        wanted = self.wanted()
        return {name: text for name in self.fields if (text := getattr(wanted, name))}
