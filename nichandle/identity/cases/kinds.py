"""The lists of this room: kinds of cases, who the holder is, what proves it, why one is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nichandle.platform.kernel.wording.figures import with_figures


@dataclass(frozen=True, slots=True)
class Kind:
    """
    A kind of case.

    ``effect``: approved, it gives access back through the address proven in it. ``factors``: that
    removes the second factors too. ``procedure``: filed on its pages, with papers. ``settled``: a
    room above carries its decision out, and closes it with that. ``contest``: it finds out whose
    account it is, and a pause waits for it; any other proof of that settles it.
    """

    label: str | Promise
    effect: bool = False
    factors: bool = False
    procedure: bool = False
    settled: bool = False
    contest: bool = False


CaseKind = Literal[
    "address_lost",
    "factor_lost",
    "both_lost",
    "not_me",
    "change_undone",
    "change_vetoed",
    "contact_dispute",
]
RefusalReason = Literal[
    "not_established",
    "unreadable",
    "outdated",
    "incomplete",
    "other_holder",
    "objection",
    "not_reached",
    "address_in_use",
    "account_closed",
    "already_many",
]
ReviewMethod = Literal["call_back", "post"]

_KINDS: Mapping[CaseKind, Kind] = {
    "address_lost": Kind(_("Contact address lost"), effect=True, procedure=True),
    "factor_lost": Kind(_("Second factor lost"), effect=True, factors=True, procedure=True),
    "both_lost": Kind(_("Address and second factor lost"), True, factors=True, procedure=True),
    "not_me": Kind(_("Contested by its owner"), contest=True),
    "change_undone": Kind(_("Change of address contested"), effect=True, contest=True),
    "change_vetoed": Kind(_("Change of address vetoed several times"), effect=True, procedure=True),
    "contact_dispute": Kind(_("Hand-over of a contact contested"), settled=True),
}

MOST_PAGES = 30
"""In one paper; the program that draws it has the same figure."""

FRESH_MONTHS = 3
"""Older than that, a paper that must be recent proves nothing any more."""

ITEMS = {
    "identity": (
        _("Identity paper"),
        _("Passport, identity card or residence permit, in force."),
    ),
    "address_proof": (
        _("Proof of address"),
        with_figures(
            _(
                "Less than %(months)s months old: an invoice for energy, water, internet or "
                "telephone."
            ),
            months=FRESH_MONTHS,
        ),
    ),
    "manager_identity": (
        _("Identity paper of the manager"),
        _("Passport, identity card or residence permit of somebody who may sign for the company."),
    ),
    "register_extract": (
        _("Extract of the company register"),
        with_figures(
            _("Less than %(months)s months old: Kbis, or the register of your country."),
            months=FRESH_MONTHS,
        ),
    ),
    "president_identity": (
        _("Identity paper of the president"),
        _("Passport, identity card or residence permit of the president in office."),
    ),
    "minutes": (
        _("Minutes of the assembly"),
        _("Those that name the president in office."),
    ),
    "receipt": (
        _("Receipt of the declaration"),
        _("From the prefecture or the court, or the notice in the official journal."),
    ),
    "agent_identity": (
        _("Identity paper of the person who acts"),
        _("Passport, identity card or residence permit."),
    ),
    "authorisation": (
        _("Authorisation on letter-headed paper"),
        _("Signed and stamped by somebody who may engage the administration."),
    ),
}
"""Each paper: its name, and what makes a good one."""

CHECKLISTS = {
    "individual": ("identity", "address_proof"),
    "corporation": ("manager_identity", "register_extract"),
    "association": ("president_identity", "minutes", "receipt"),
    "administration": ("agent_identity", "authorisation"),
    "other": ("identity", "address_proof"),
}
"""Which papers prove a holder, by kind of holder."""

PAPER_REASONS = {
    "unreadable": _("This file cannot be opened: it is damaged or protected."),
    "too_large": _(
        "This picture has too many points. Take it at a lower resolution, or save it as a JPEG."
    ),
    "too_costly": _(
        "This file takes too long to draw. Photograph the paper, or send fewer pages at once."
    ),
    "too_many_pages": with_figures(
        _("This file has no page, or more than %(pages)s. Send the pages that matter."),
        pages=MOST_PAGES,
    ),
}
"""Why a paper is refused once it was looked at, as who sent it reads it."""

CROWDED = _(
    "Several cases about what you typed were opened from where you are, and are decided first. "
    "Come back when they are, or ask from another network."
)
"""Said by the page, of known and unknown alike."""

_REASONS: Mapping[RefusalReason, str | Promise] = {
    "not_established": _(
        "What we received does not establish that the account is yours. Check the identifier too."
    ),
    "unreadable": _("The papers cannot be read: too dark, cut off, or out of focus."),
    "outdated": with_figures(
        _("A paper is out of date, or older than %(months)s months where that matters."),
        months=FRESH_MONTHS,
    ),
    "incomplete": _("A paper of the list is missing."),
    "other_holder": _("The papers are not those of the holder of the account."),
    "objection": _("Somebody who is known to the account objects, and we could not settle it."),
    "not_reached": _("We could not reach you to check."),
    "address_in_use": _("The new address is the contact address of another account."),
    "account_closed": _("The account was closed meanwhile."),
    "already_many": CROWDED,
}
"""Why a case is refused, as the person reads it."""
BY_ITSELF: set[RefusalReason] = {"address_in_use", "account_closed", "already_many"}
"""Reasons the product finds; no reviewer chooses them."""

_METHODS: Mapping[ReviewMethod, str | Promise] = {
    "call_back": _("Called back at the number on file"),
    "post": _("Wrote by post to the address on file"),
}
"""How the third reviewer reaches the holder after an objection."""

# Looked up by what a row or a form says, too.
KINDS: Mapping[str, Kind] = {str(name): kind for name, kind in _KINDS.items()}
REASONS: Mapping[str, str | Promise] = {str(name): said for name, said in _REASONS.items()}
METHODS: Mapping[str, str | Promise] = {str(name): said for name, said in _METHODS.items()}
