"""The forms of a change of plan: a wish, then the figures and a yes."""

from django import forms
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.orders.forms import OrderForm


class UpgradeForm(OrderForm):
    """Says yes to the figures that were shown; a second press of ``once`` orders nothing more."""

    at_once = forms.BooleanField(
        label=_("I ask that the new plan begins at once, before the time for withdrawal is over"),
        error_messages={"required": _("Say that you wish it: the plan changes with the payment.")},
    )
