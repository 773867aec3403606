"""The reviewers' forms."""

from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.forms import LONG_PASSWORD, PasswordField
from nichandle.identity.cases.kinds import BY_ITSELF, ITEMS, METHODS, REASONS
from nichandle.identity.factors.answers import Answer
from nichandle.identity.factors.forms import NewKeyForm
from nichandle.identity.factors.models import NAME_LENGTH
from nichandle.identity.staff.roles import ROLES
from nichandle.platform.kernel import addresses
from nichandle.support.tickets.steps import TEXT_LENGTH

WORDS = 2000
LARGEST_KEY = 2**63 - 1


class ReviewerSigninForm(forms.Form):
    """Address and password."""

    email = forms.CharField(
        label=_("E-mail address"),
        max_length=addresses.MAXIMUM_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "username", "inputmode": "email"}),
        error_messages={"required": addresses.AddressNotValid.message},
    )
    password = PasswordField(new=False, label=_("Password"))


class SetupForm(forms.Form):
    """The password of a new reviewer."""

    password = PasswordField(
        new=True,
        label=_("Password"),
        help_text=LONG_PASSWORD,
    )


class AddKeyForm(NewKeyForm):
    """What a new key said, and by which name its owner knows it."""

    name = forms.CharField(
        label=_("Name of the key"),
        max_length=NAME_LENGTH,
        help_text=_("By which you will recognise it, such as “Grey key” or “In the safe”."),
        error_messages={"required": _("Give it a name.")},
    )


class KeySetupForm(AddKeyForm, SetupForm):
    """The password of a new reviewer, and what the key said that they will use with it."""

    field_order = ("password", "name", "response", "state")


def answer_of(form: forms.Form) -> Answer | None:
    """Return what a key said, None where no key was asked for."""
    given = form.cleaned_data
    if "state" not in given:
        return None
    return Answer("key", response=given["response"], state=given["state"])


class Checks(forms.CheckboxSelectMultiple):
    """Boxes to tick, one below the other."""


class ApprovalForm(forms.Form):
    """Which papers are good, and how the holder was reached where that is needed."""

    ticks = forms.MultipleChoiceField(label=_("Papers found good"), required=False, widget=Checks)
    method = forms.ChoiceField(
        label=_("How did you reach the holder?"),
        choices=[("", _("Not needed")), *METHODS.items()],
        required=False,
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("How did you establish the identity?"),
        required=False,
        max_length=WORDS,
        help_text=_(
            "Needed when a paper is not ticked. Other reviewers read it, customers do not."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, items: tuple[str, ...], contested: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ticks"].choices = [(item, ITEMS[item][0]) for item in items]  # type: ignore[attr-defined]  # of this field
        if not items:
            del self.fields["ticks"]
        if not contested:
            del self.fields["method"]


class RefusalForm(forms.Form):
    """Why a case is refused."""

    reasons = forms.MultipleChoiceField(
        label=_("Reasons"),
        choices=[(name, text) for name, text in REASONS.items() if name not in BY_ITSELF],
        widget=Checks,
        error_messages={"required": _("A refusal states its reasons: choose at least one.")},
    )
    words = forms.CharField(
        label=_("What the person should know besides"),
        required=False,
        max_length=WORDS,
        help_text=_("They read this. Nothing about the account that they have not told us."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ClosingForm(forms.Form):
    """What came of a case that has no effect of its own."""

    words = forms.CharField(
        label=_("What came of it"),
        max_length=WORDS,
        help_text=_("The customer reads this."),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write what came of it: the customer reads this.")},
    )


class SettlementForm(forms.Form):
    """How a contested hand-over is decided, and why."""

    give_back = forms.TypedChoiceField(
        label=_("Decision"),
        choices=[
            ("yes", _("Give the roles back to the contact before")),
            ("no", _("Let the hand-over stand")),
        ],
        coerce=lambda chosen: chosen == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how you decide.")},
    )
    words = forms.CharField(
        label=_("Why"),
        max_length=WORDS,
        help_text=_("Everybody with a role on these services reads this."),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write why: everybody concerned reads this.")},
    )


class AskForm(forms.Form):
    """Which papers are asked for."""

    items = forms.MultipleChoiceField(
        label=_("Papers to ask for"),
        choices=[(name, label) for name, (label, _help) in ITEMS.items()],
        widget=Checks,
        error_messages={"required": _("Choose at least one paper.")},
    )


class AssignForm(forms.Form):
    """What a line of a bank statement is for."""

    number = forms.CharField(
        label=_("Number or reference"),
        max_length=60,
        help_text=_("Of what is owed, or the number of the order."),
        error_messages={"required": _("Say what it is for.")},
    )


class LineWordsForm(forms.Form):
    """Why a line of a bank statement is nobody's payment."""

    words = forms.CharField(
        label=_("Why"),
        max_length=300,
        error_messages={"required": _("Write why, so that whoever reads it later understands.")},
    )


class NoteForm(forms.Form):
    """What customer service keeps in mind; ``once`` lets a form sent twice say it once."""

    text = forms.CharField(
        label=_("Note"),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write what you want to say.")},
    )
    once = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)


class AnswerForm(NoteForm):
    """
    An answer to a customer, and the last message it answers.

    Where somebody has written meanwhile the page shows that, and the next press answers it.
    """

    text = forms.CharField(
        label=_("Your answer"),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("Write what you want to say.")},
    )
    seen = forms.IntegerField(min_value=0, max_value=LARGEST_KEY, widget=forms.HiddenInput)
    close = forms.BooleanField(label=_("With that the ticket is settled: close it"), required=False)

    def show_from(self, newest: int) -> None:
        """Take what the page shows now for what the next press answers."""
        if not self.is_bound:
            self.initial["seen"] = newest
            return
        sent = QueryDict(mutable=True)
        sent.update(self.data)
        sent["seen"] = str(newest)
        self.data = sent


ROLE_CHOICES = [(name, role.label) for name, role in ROLES.items()]


class RoleForm(forms.Form):
    """Which role somebody has."""

    role = forms.ChoiceField(label=_("Role"), choices=ROLE_CHOICES)


class InvitationForm(forms.Form):
    """Who is to work here, and as what."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        help_text=_("Colleagues read it, and customers beside what was done in their file."),
        error_messages={"required": _("Give the name.")},
    )
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=addresses.MAXIMUM_LENGTH,
        help_text=_("It signs in, and the link goes there."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "email"}),
        error_messages={"required": addresses.AddressNotValid.message},
    )
    role = forms.ChoiceField(label=_("Role"), choices=ROLE_CHOICES, widget=forms.RadioSelect)
