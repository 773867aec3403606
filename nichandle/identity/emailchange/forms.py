"""The form of this room; codes have theirs in ``accounts``."""

from django import forms
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.forms import AddressField


class AddressForm(forms.Form):
    """The new primary address."""

    address = AddressField(
        label=_("New e-mail address"),
        help_text=_("One you can read now: a link is sent to it."),
    )
