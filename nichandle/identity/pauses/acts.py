"""The two lists of this room: what waits while a pause runs, and why one begins."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SensitiveAct = Literal[
    "email.change",
    "details.change",
    "recovery_address.change",
    "factor.add",
    "factor.remove",
    "network_rule.change",
    "contact.hand_over",
    "payment_means.change",
]
CauseName = Literal[
    "reset_by_recovery", "change_by_silence", "change_undone", "not_me", "case_effect"
]

SENSITIVE: Mapping[SensitiveAct, str | Promise] = {
    "email.change": _("changing the primary address"),
    "details.change": _("changing name, legal identity, postal address or telephone"),
    "recovery_address.change": _("adding or removing a recovery address"),
    "factor.add": _("adding a sign-in factor"),
    "factor.remove": _("removing a sign-in factor"),
    "network_rule.change": _("changing the network rules"),
    "contact.hand_over": _("handing over the contacts of a service"),
    "payment_means.change": _("saving or removing a means of payment"),
}
"""
Each needs a fresh sign-in and waits while a pause runs. Never here: veto, undo, "it was not me",
ending sessions, change of password.
"""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a pause begins, how long it lasts, and what goes on all the same."""

    sentence: str | Promise
    lasts: timedelta
    exempt: frozenset[SensitiveAct] = frozenset()


_CAUSES: Mapping[CauseName, Cause] = {
    "reset_by_recovery": Cause(
        _("The password was set anew through a recovery address."), timedelta(hours=72)
    ),
    "change_by_silence": Cause(
        _("The primary address was changed without its code."), timedelta(days=7)
    ),
    "change_undone": Cause(
        _("A change of the primary address was contested."), timedelta(hours=72)
    ),
    "not_me": Cause(_("Somebody said “it was not me” about this account."), timedelta(days=7)),
    "case_effect": Cause(
        _("Access was given back by customer service."),
        timedelta(days=7),
        exempt=frozenset({"factor.add"}),
    ),
}

# Looked up by what a row says, too.
CAUSES: Mapping[str, Cause] = {str(name): cause for name, cause in _CAUSES.items()}
