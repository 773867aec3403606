"""The forms of the area's own pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from nichandle.accounts.forms import AddressField, PasswordField


class PasswordForm(forms.Form):
    """The present password, which proves who asks, and the new one."""

    current = PasswordField(new=False, label=_("Present password"))
    password = PasswordField(
        new=True,
        label=_("New password"),
        help_text=_("At least 15 characters, for instance four words. Used nowhere else."),
    )

    def shorten(self, *, second_factor: bool) -> None:
        """Say that beside a second factor a shorter password is enough."""
        if second_factor:
            self.fields["password"].help_text = _("At least 8 characters. Used nowhere else.")


class RecoveryAddressForm(forms.Form):
    """One more recovery address."""

    address = AddressField(
        label=_("Recovery address"),
        help_text=_("With another provider than your primary address. It never signs in."),
    )
