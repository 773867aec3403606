"""The forms of this room."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from nichandle.commerce.services.models import Service
from nichandle.support.tickets.models import RATING_WORDS_LENGTH, SUBJECT_LENGTH
from nichandle.support.tickets.queries import TicketFilter
from nichandle.support.tickets.steps import TEXT_LENGTH, TicketQuestion
from nichandle.support.tickets.words import CATEGORIES, RATINGS, STATES

ALL = pgettext_lazy("filter", "All")


class TicketFilterForm(forms.Form):
    """Search and filter; what no list knows filters nothing."""

    text = forms.CharField(
        label=_("Number or subject"),
        required=False,
        max_length=SUBJECT_LENGTH,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", ALL), *STATES.items()]
    )

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "TicketFilterForm":
        return cls(given, auto_id="filter_%s")

    def wanted(self) -> TicketFilter:
        """Return what is filtered for; a value that no list knows is left out."""
        self.full_clean()
        return TicketFilter(
            **{name: str(self.cleaned_data.get(name) or "") for name in self.fields}
        )

    def query(self) -> dict[str, str]:
        """Return the filter as a page's address carries it."""
        wanted = self.wanted()
        return {name: text for name in self.fields if (text := getattr(wanted, name))}


class WritingForm(forms.Form):
    """A message, and the key by which a form sent twice says it once."""

    text = forms.CharField(
        label=_("Your message"),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Write what you want to say.")},
    )
    once = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)


class AskingForm(WritingForm):
    """A question: what it is about, in which words."""

    field_order = ("category", "service", "subject", "text", "once")

    category = forms.ChoiceField(
        label=_("What is it about?"),
        choices=list(CATEGORIES.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of these.")},
    )
    service = forms.TypedChoiceField(
        label=_("About which service?"), required=False, coerce=int, empty_value=None
    )
    subject = forms.CharField(
        label=_("Subject"),
        max_length=SUBJECT_LENGTH,
        help_text=_("In a few words, such as “Mails to one address come back”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Say in a few words what it is about.")},
    )

    def __init__(self, data: Any = None, *, services: Iterable[Service], **more: Any) -> None:
        super().__init__(data, **more)
        named = [(one.pk, f"{one.name} ({one.product_word})") for one in services]
        self.fields["service"].choices = [("", _("None in particular")), *named]  # type: ignore[attr-defined]  # of this field
        if not named:
            del self.fields["service"]

    def question(self) -> TicketQuestion:
        """Return what a form that is in order asks."""
        return TicketQuestion(**{"service": None, **self.cleaned_data})


class RatingForm(forms.Form):
    """How the help in a ticket was."""

    rating = forms.TypedChoiceField(
        label=_("How was the help you got?"),
        choices=list(RATINGS.items()),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of these.")},
    )
    words = forms.CharField(
        label=_("What should we know?"),
        required=False,
        max_length=RATING_WORDS_LENGTH,
        help_text=_("Only customer service reads this."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
