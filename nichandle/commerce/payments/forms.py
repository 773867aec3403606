"""What people choose and type when they pay."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.payments.models import Receivable


class PayForm(forms.Form):
    """What is paid together, and by which means; the amounts are ours, and in no form."""

    also = forms.MultipleChoiceField(
        label=_("Pay at the same time"), required=False, widget=forms.CheckboxSelectMultiple
    )
    means = forms.ChoiceField(label=_("Means of payment"), widget=forms.RadioSelect)

    def __init__(
        self,
        *args: Any,
        others: Sequence[Receivable],
        means: Sequence[tuple[str, object]],
        language: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["means"].choices = means  # type: ignore[attr-defined]  # a ChoiceField's
        also = [(owed.number, f"{owed.title}, {owed.missing.shown(language)}") for owed in others]
        if also:
            self.fields["also"].choices = also  # type: ignore[attr-defined]  # likewise
        else:
            del self.fields["also"]
