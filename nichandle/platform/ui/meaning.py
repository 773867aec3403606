"""The form on the page of a mailed link: it asks what one means before anything happens."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

HARMLESS = "nothing"


class MeaningForm(forms.Form):
    """
    What one means, asked on the page of a mailed link.

    The harmless answer stands first and none is chosen: programs that check mail press buttons and
    fill in forms, and what they send means nothing.
    """

    meaning = forms.ChoiceField(
        label=_("What is true?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is true. Nothing was changed.")},
    )

    def __init__(self, data: Any, *, harmless: str | Promise, **acts: str | Promise) -> None:
        super().__init__(data)
        field = self.fields["meaning"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(HARMLESS, harmless), *acts.items()]

    @property
    def act(self) -> str:
        """Which act is meant; empty for the harmless answer."""
        meaning: str = self.cleaned_data["meaning"]
        return "" if meaning == HARMLESS else meaning


class WishForm(MeaningForm):
    """The same where it is not about what happened, but what one wants."""

    def __init__(self, data: Any, *, harmless: str | Promise, **acts: str | Promise) -> None:
        super().__init__(data, harmless=harmless, **acts)
        field = self.fields["meaning"]
        field.label = _("What do you want?")
        field.error_messages["required"] = _("Choose what you mean: nothing has happened yet.")
