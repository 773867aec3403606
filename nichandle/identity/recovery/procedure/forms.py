"""The forms of the procedure."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.forms import AddressField, CodeForm
from nichandle.identity.accounts.rules import KIND_LABELS
from nichandle.identity.cases.kinds import ITEMS, KINDS
from nichandle.identity.cases.papers.uploads import LARGEST
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.wording.figures import Megabytes, with_figures
from nichandle.platform.ui.meaning import MeaningForm, WishForm

__all__ = [
    "ClaimedHolderForm",
    "CodeForm",
    "FollowForm",
    "NoticeForm",
    "ObjectionForm",
    "PaperForm",
    "ProcedureForm",
]

LOST = (
    ("address_lost", _("I no longer read my contact address")),
    ("factor_lost", _("I lost my second factor")),
    ("both_lost", _("Both")),
)
assert all(KINDS[kind].procedure for kind, _label in LOST)
WORDS = 2000


class ProcedureForm(forms.Form):
    """What was lost, whose account, and where to write from now on."""

    kind = forms.ChoiceField(
        label=_("What did you lose?"),
        choices=LOST,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the three.")},
    )
    typed = forms.CharField(
        label=_("Client identifier or contact address"),
        max_length=addresses.MAXIMUM_LENGTH,
        help_text=_("The identifier is on every invoice, such as dm429850-OVH."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
        error_messages={"required": _("Enter your client identifier or your contact address.")},
    )
    address = AddressField(
        label=_("New address"),
        help_text=_("One you read now; it becomes the address of your account."),
    )


class ClaimedHolderForm(forms.Form):
    """Who the holder is, and what happened."""

    holder = forms.ChoiceField(
        label=_("Who is the holder of the account?"),
        choices=KIND_LABELS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the kind of holder.")},
    )
    words = forms.CharField(
        label=_("What happened?"),
        required=False,
        max_length=WORDS,
        help_text=_("In a few words, and a number at which we can call you back."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class PaperForm(forms.Form):
    """One paper of the checklist."""

    item = forms.ChoiceField(
        choices=[(name, label) for name, (label, _help) in ITEMS.items()],
        widget=forms.HiddenInput,
    )
    paper = forms.FileField(
        label=_("File"),
        max_length=500,
        allow_empty_file=True,
        help_text=with_figures(
            _("JPEG, PNG or PDF, %(size)s MB at most."), size=Megabytes(LARGEST)
        ),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}),
        error_messages={
            "required": _("Choose a file first."),
            "invalid": _("Choose a file first."),
        },
    )


class FollowForm(forms.Form):
    """Which case, and the address it was opened with."""

    number = forms.CharField(
        label=_("Case number"),
        max_length=40,
        help_text=_("Such as D-7K3M-92QF; it is in our first mail."),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Enter the number of your case.")},
    )
    address = forms.CharField(
        label=_("New address"),
        max_length=addresses.MAXIMUM_LENGTH,
        help_text=_("The one you gave when you opened the case."),
        widget=forms.TextInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={"required": addresses.AddressNotValid.message},
    )


class ObjectionForm(forms.Form):
    """Why somebody objects, signed in; nothing need be said."""

    words = forms.CharField(
        label=_("Why?"),
        required=False,
        max_length=WORDS,
        help_text=_("What our reviewers should know, and how to reach you."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class NoticeForm(MeaningForm):
    """What the reader of a notice means, and why."""

    words = ObjectionForm.base_fields["words"]


class WithdrawForm(WishForm):
    """Whether a case is to be withdrawn."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(
            data,
            harmless=_("Nothing: let the case go on"),
            withdraw=_("Withdraw it, and erase its papers"),
        )
