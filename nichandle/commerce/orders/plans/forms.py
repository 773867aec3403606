"""The forms of a change of plan: a wish, then the figures and a yes."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _


class UpgradeForm(forms.Form):
    """Says yes to the figures that were shown; a second press of ``once`` orders nothing more."""

    def __init__(self, data: Any = None, *, seen: str, at_once: bool) -> None:
        super().__init__(data, initial={"seen": seen, "once": uuid4()})
        if not at_once:
            del self.fields["at_once"]

    once = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.CharField(max_length=32, widget=forms.HiddenInput)
    at_once = forms.BooleanField(
        label=_("I ask that the new plan begins at once, before the time for withdrawal is over"),
        error_messages={"required": _("Say that you wish it: the plan changes with the payment.")},
    )
