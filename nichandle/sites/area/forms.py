"""The forms of the area's own pages."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.forms import (
    LONG_PASSWORD,
    SHORT_PASSWORD,
    AddressField,
    LanguageField,
    PasswordField,
)
from nichandle.identity.signin.recognition.networks import NotANetwork
from nichandle.platform.audit.queries import LedgerFilter
from nichandle.platform.kernel.wording import zones
from nichandle.sites.area.ledger import KINDS


class PreferencesForm(forms.Form):
    """The language and the time zone of an account's pages and mails."""

    language = LanguageField(
        label=_("Language of my pages and e-mails"),
        widget=forms.RadioSelect,
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("All times on your pages and in your e-mails are those of this zone."),
        error_messages={"invalid_choice": _("Choose a time zone of the list.")},
    )

    def __init__(self, data: Any = None, *, time_zone: str, **options: Any) -> None:
        super().__init__(data, **options)
        field = self.fields["time_zone"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = zones.choices(time_zone)


class PasswordForm(forms.Form):
    """The present password, which proves who asks, and the new one."""

    current = PasswordField(new=False, label=_("Present password"))
    password = PasswordField(
        new=True,
        label=_("New password"),
        help_text=LONG_PASSWORD,
    )

    def without_current(self) -> None:
        """Ask for the new password alone: there is none at present."""
        del self.fields["current"]

    def shorten(self, *, second_factor: bool) -> None:
        """Say that beside a second factor a shorter password is enough."""
        if second_factor:
            self.fields["password"].help_text = SHORT_PASSWORD


class RecoveryAddressForm(forms.Form):
    """One more recovery address."""

    address = AddressField(
        label=_("Recovery address"),
        help_text=_("With another provider than your primary address. It never signs in."),
    )


class NetworkRuleForm(forms.Form):
    """One network, allowed or denied."""

    network = forms.CharField(
        label=_("Network"),
        max_length=49,
        help_text=_("An address such as 203.0.113.7, or a network such as 203.0.113.0/24."),
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "none"}),
        error_messages={"required": NotANetwork.message},
    )
    allowed = forms.ChoiceField(
        label=_("Sign-ins from there"),
        choices=[("yes", _("Allowed")), ("no", _("Denied"))],
        widget=forms.RadioSelect,
        initial="yes",
    )
    notice = forms.BooleanField(label=_("Tell me of each by mail"), required=False)

    def rule(self) -> dict[str, Any]:
        """Return the rule as the operation takes it."""
        given = self.cleaned_data
        return {
            "network": given["network"],
            "allowed": given["allowed"] == "yes",
            "notice": given["notice"],
        }


FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


class DayField(forms.DateField):
    """A day, chosen in the browser's own calendar or written as 2026-11-27."""

    def __init__(self, label: Any) -> None:
        said = _("Write the day as 2026-11-27.")
        super().__init__(
            label=label,
            required=False,
            input_formats=["%Y-%m-%d", "%d/%m/%Y"],
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            error_messages={"invalid": said},
            validators=[
                # Beyond them a day has no beginning or end that a clock could show in every zone.
                MinValueValidator(FIRST_DAY, said),
                MaxValueValidator(LAST_DAY, said),
            ],
        )


class LedgerForm(forms.Form):
    """What of the ledger is shown; a kind that does not exist filters nothing."""

    kind = forms.ChoiceField(
        label=_("Kind of act"), required=False, choices=[("", _("Everything")), *KINDS]
    )
    since = DayField(_("First day"))
    until = DayField(_("Last day"))

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "LedgerForm":
        asked = {name: given[name] for name in cls.base_fields if given.get(name)}
        if asked.get("kind") not in dict(KINDS):
            asked.pop("kind", None)
        return cls(asked)

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", _("This day is before the first one."))
        return self.cleaned_data

    def wanted(self) -> LedgerFilter:
        """Return what is asked for, by days of the reader; what is wrong is left out."""
        self.full_clean()
        until = self.cleaned_data.get("until")
        return LedgerFilter(
            self.cleaned_data.get("kind", ""),
            _beginning(self.cleaned_data.get("since")),
            _beginning(until + timedelta(days=1) if until else None),
        )

    def query(self) -> dict[str, str]:
        """Return the filter as a page's address carries it."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


def _beginning(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None
