"""The forms of this room."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from nichandle.commerce.orders.basket.buyers import Questions
from nichandle.commerce.orders.models import NAME_LENGTH, PURCHASE_ORDER_LENGTH
from nichandle.commerce.orders.queries import OrderFilter
from nichandle.commerce.orders.words import STATES

ALL = pgettext_lazy("filter", "All")


class OrderFilterForm(forms.Form):
    """Search and filter; what no list knows filters nothing."""

    text = forms.CharField(
        label=_("Number or name"),
        required=False,
        max_length=NAME_LENGTH,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", ALL), *STATES.items()]
    )

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "OrderFilterForm":
        return cls(given, auto_id="filter_%s")

    def wanted(self) -> OrderFilter:
        """Return what is filtered for; a value that no list knows is left out."""
        self.full_clean()
        return OrderFilter(**{name: str(self.cleaned_data.get(name) or "") for name in self.fields})

    def query(self) -> dict[str, str]:
        """Return the filter as a page's address carries it."""
        wanted = self.wanted()
        return {name: text for name in self.fields if (text := getattr(wanted, name))}


class OrderForm(forms.Form):
    """
    The last step: what was seen, and what is accepted.

    ``once`` is made with the page, so that a form sent twice orders once.
    """

    def __init__(self, data: Any = None, *, seen: str, asked: Questions) -> None:
        super().__init__(data, initial={"seen": seen, "once": uuid4()})
        for name in ("terms", "at_once", "purchase_order"):
            if not getattr(asked, name):
                del self.fields[name]

    def show_again(self, seen: str) -> None:
        """Take what is shown now for what is accepted with the next press, and ask for it anew."""
        sent = QueryDict(mutable=True)
        sent.update(self.data)
        sent["seen"] = seen
        sent.pop("terms", None)
        self.data = sent

    once = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.CharField(max_length=32, widget=forms.HiddenInput)
    purchase_order = forms.CharField(
        label=_("Your purchase order number"),
        required=False,
        max_length=PURCHASE_ORDER_LENGTH,
        help_text=_("If your accounts ask for one: it is printed on the invoice."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    terms = forms.BooleanField(
        label=_("I have read the terms and accept them"),
        error_messages={"required": _("Accept the terms to order.")},
    )
    at_once = forms.BooleanField(
        label=_("I ask that my services begin at once, before the time for withdrawal is over"),
        help_text=_("Without this wish we would have to wait with them until that time is over."),
        error_messages={"required": _("Say that you wish it: services begin with the payment.")},
    )
