"""Form fields and the details form, built from the rules."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts import countries, domains
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.passwords import (
    MAXIMUM_LENGTH,
    MINIMUM_LENGTH,
    SHORT_MINIMUM_LENGTH,
)
from nichandle.identity.accounts.rules import KIND_LABELS, FieldRule, rules_for, validate
from nichandle.identity.accounts.rules.numbers import phone_shown
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording.figures import with_figures

NO_FAMILY_NAME = "-"


class AddressField(forms.CharField):
    """An e-mail address that could receive mail."""

    def __init__(self, **options: Any) -> None:
        attrs = {
            "autocomplete": "email",
            "inputmode": "email",
            "autocapitalize": "none",
            "spellcheck": "false",
        }
        options.setdefault("widget", forms.TextInput(attrs=attrs))
        options.setdefault("max_length", addresses.MAXIMUM_LENGTH)
        super().__init__(**options)
        self.error_messages["required"] = addresses.AddressNotValid.message

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        try:
            address = addresses.check(text)
            domains.accept(addresses.domain(address))
        except Refused as refusal:
            raise ValidationError(str(refusal)) from refusal
        return address


LONG_PASSWORD = with_figures(
    _("At least %(count)s characters, for instance four words. Used nowhere else."),
    count=MINIMUM_LENGTH,
)
SHORT_PASSWORD = with_figures(
    _("At least %(count)s characters. Used nowhere else."), count=SHORT_MINIMUM_LENGTH
)
"""What is said beside the field of a new password; the short one beside a second factor."""


class PasswordField(forms.CharField):
    """A password, as typed: no trimming, nothing forbidden, never sent back."""

    def __init__(self, *, new: bool, **options: Any) -> None:
        token = "new-password" if new else "current-password"
        attrs: dict[str, str] = {"autocomplete": token}
        options.setdefault("widget", forms.PasswordInput(attrs=attrs))
        super().__init__(strip=False, **options)
        self.error_messages["required"] = _("Enter a password.")

    def clean(self, value: Any) -> str:
        if value and len(value) > MAXIMUM_LENGTH * 4:
            # The rules say it in words; this only keeps megabytes from them.
            value = value[: MAXIMUM_LENGTH + 1]
        return str(super().clean(value))


class CountryField(forms.ChoiceField):
    """A country, by ISO 3166 code, named in the reader's language."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.Select(attrs={"autocomplete": "country"}))
        super().__init__(choices=_countries, **options)
        self.error_messages["invalid_choice"] = _("Choose a country of the list.")


class LanguageField(forms.ChoiceField):
    """One of the languages the product speaks."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=settings.LANGUAGES, **options)
        self.error_messages["invalid_choice"] = _("Choose a language of the list.")


class KindForm(forms.Form):
    """Who holds the account."""

    kind = forms.ChoiceField(
        label=_("Who holds the account?"),
        choices=KIND_LABELS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who holds the account.")},
    )


class DetailsForm(forms.Form):
    """The details of one country and kind of holder; its fields are the rules'."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        country: str,
        kind: str,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.country, self.kind = country, kind
        self.rules = rules_for(country=country, kind=kind)
        for rule in self.rules:
            self.fields[rule.name] = _field(rule)

    @property
    def details(self) -> list[forms.BoundField]:
        """The fields that come from the rules, for a template that places others around them."""
        return [self[rule.name] for rule in self.rules]

    @classmethod
    def of(cls, account: Account, data: Mapping[str, Any] | None = None) -> "DetailsForm":
        """Return the form that changes an account's details."""
        names = [rule.name for rule in rules_for(country=account.country, kind=account.kind)]
        initial = {name: getattr(account, name) for name in names}
        # As one says it in the form; see ``numbers.family_name``.
        initial["family_name"] = account.family_name or NO_FAMILY_NAME
        initial["phone"] = phone_shown(account.phone)
        return cls(data, country=account.country, kind=account.kind, initial=initial)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        typed = {rule.name: self.data.get(rule.name, "") for rule in self.rules}
        stored, wrong = validate(typed, self.rules, country=self.country)
        for name, sentence in wrong.items():
            if name not in self.errors:
                self.add_error(name, str(sentence))
        return {**values, **stored}


def _countries() -> list[tuple[str, str]]:
    return countries.choices(settings.NICHANDLE_COUNTRY)


def _field(rule: FieldRule) -> forms.Field:
    """Build a field that shows its rule to the browser; judging is left to the rules."""
    attrs = {"autocomplete": rule.autocomplete, "inputmode": rule.inputmode}
    help_text = rule.help
    if rule.example and not help_text:
        help_text = _("Example: %(example)s") % {"example": rule.example}
    if rule.choices:
        attrs.pop("inputmode")
        widget: forms.Widget = forms.Select(attrs, choices=[("", _("Choose…")), *rule.choices])
    else:
        widget = forms.TextInput({**attrs, "maxlength": str(rule.maximum)})
    return _Unjudged(
        label=cast(str, rule.label),
        help_text=cast(str, help_text),
        required=rule.mandatory,
        widget=widget,
    )


class _Unjudged(forms.CharField):
    """Marked as required for the reader, judged by the rules alone."""

    def validate(self, value: Any) -> None:
        """Leave it to the rules, which have a better sentence."""


class CodeForm(forms.Form):
    """One code, as it was mailed; spaces and dashes do not matter."""

    code = forms.CharField(
        label=_("Validation code"),
        max_length=40,
        help_text=_("Eight letters, such as BCDF-GHJK."),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "autofocus": True,
                "data-code": "",
            }
        ),
        error_messages={"required": _("Enter the code from the mail.")},
    )
