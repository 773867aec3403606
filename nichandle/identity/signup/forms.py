"""The forms of the creation pages; the details themselves follow the accounts room's rules."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.forms import (
    LONG_PASSWORD,
    AddressField,
    CodeForm,
    CountryField,
    DetailsForm,
    KindForm,
    LanguageField,
    PasswordField,
)
from nichandle.identity.accounts.recovery_addresses import SameAsPrimary
from nichandle.platform.kernel import addresses

__all__ = ["CodeForm", "CreationForm", "HolderForm", "KindForm"]


class CreationForm(forms.Form):
    """Country, language, address and password: the first step; the password is judged later."""

    country = CountryField(
        label=_("Country of residence"),
        help_text=_("The country you pay taxes in. It cannot be changed here afterwards."),
    )
    language = LanguageField(label=_("Language of your mails and pages"))
    email = AddressField(
        label=_("E-mail address"),
        help_text=_(
            "One you can read now. Better not on a domain you will manage from this account: "
            "should the domain fail, you could no longer be reached."
        ),
    )
    password = PasswordField(
        new=True,
        label=_("Password"),
        help_text=LONG_PASSWORD,
    )


class HolderForm(DetailsForm):
    """The details, and a recovery address that may be given later."""

    recovery_address = AddressField(
        label=_("Recovery address"),
        required=False,
        help_text=_(
            "A second address, with another provider. If you lose the first one, it gets you back "
            "in. It never signs in."
        ),
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, primary: str, **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.primary = primary

    def clean_recovery_address(self) -> str:
        address = str(self.cleaned_data["recovery_address"])
        if address and addresses.key(address) == addresses.key(self.primary):
            self.add_error("recovery_address", str(SameAsPrimary()))
        return address
