"""The ledger in words that its owner understands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.contacts import words as contacts
from nichandle.commerce.orders import words as orders
from nichandle.commerce.services.words import RENEWALS, ROLES, STATES
from nichandle.identity.accounts.rules import LABELS
from nichandle.identity.cases import kinds as cases
from nichandle.identity.pauses.acts import CAUSES
from nichandle.platform.audit.acts import ACTS
from nichandle.platform.audit.models import Entry
from nichandle.platform.audit.queries import details_of
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.wording import browsers, moments
from nichandle.platform.kernel.wording.languages import known, own_name

KINDS = (
    ("signin", _("Signing in")),
    ("account", _("Account")),
    ("factors", _("Second factors")),
    ("password", _("Password")),
    ("email", _("Change of address")),
    ("recovery_address", _("Recovery addresses")),
    ("pause", _("Pauses")),
    ("case", _("Cases")),
    ("network_rules", _("Network rules")),
    ("service", _("Services")),
    ("contact", _("Contacts")),
    ("payment", _("Payments")),
    ("order", _("Orders")),
    ("invoice", _("Invoices")),
    ("ticket", _("Tickets")),
)
METHODS = {
    "mail": _("code received by e-mail"),
    "app": _("authenticator app"),
    "code": _("recovery code"),
    "passkey": _("passkey"),
}
REASONS = {
    **contacts.REASONS,
    **orders.REASONS,
    "link": _("by the link of a mail"),
    "signed in": _("signed in"),
    "codes": _("too many wrong codes"),
    "disowned": _("contested by its owner"),
    "undone": _("an earlier change was undone"),
    "case": _("access was given back by customer service"),
}
LANGUAGES = {code: own_name(code) for code in known()}
"""Those not offered any more too: an entry tells what was."""
WORDS: Mapping[str, Mapping[Any, str | Promise]] = {
    "state": STATES,
    "renewal": RENEWALS,
    "roles": ROLES,
    "cause": {name: cause.sentence for name, cause in CAUSES.items()},
    "kind": {name: kind.label for name, kind in cases.KINDS.items()},
    "event": ACTS,
    "method": METHODS,
    "reason": REASONS,
    "outcome": contacts.OUTCOMES,
    "approved": {"code": _("with its code"), "silence": _("by silence")},
    "allowed": {True: _("allowed"), False: _("denied")},
    "always": {True: _("for every sign-in"), False: _("for what is unusual")},
    "what": {"taken_back": _("it is removed again"), "restored": _("it is back")},
    "reasons": cases.REASONS,
    "by": {
        "address": _("by the link of a mail"),
        "signin": _("signed in"),
        "contact": _("as a contact"),
    },
    "old": LANGUAGES,
    "new": LANGUAGES,
    "by_recovery": {True: _("through a recovery address"), False: _("through the primary address")},
}
NAMES: Mapping[str, str | Promise] = {**LABELS, "name": _("Name")}
SEEN_ELSEWHERE = {"ip", "browser", "actor", "changes"}
LABELLED: Mapping[str, str | Promise] = {
    "request": _("request %(value)s"),
    "case": _("case %(value)s"),
    "number": _("case %(value)s"),
    "named": _("newcomer: %(value)s"),
    "payment": _("payment %(value)s"),
    "order": _("order %(value)s"),
    "invoice": _("invoice %(value)s"),
    "ticket": _("ticket %(value)s"),
    "plan": _("plan %(value)s"),
}
"""What a bare value would not tell."""
FREE = {"address", "amount", "handle", "name", "network", "service", "services", "title", "to"}
"""What a person wrote, or reads as it stands."""
COUNTED = {"count", "failures", "until"}
"""Said by ``_said`` itself."""


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """One entry as it is read."""

    number: int
    at: datetime
    what: str | Promise
    ip: str
    browser: str
    details: str


def line_of(entry: Entry) -> ShownEntry:
    """Put an entry into words; what was erased stays empty."""
    told = details_of(entry)
    return ShownEntry(
        number=entry.number,
        at=entry.at,
        what=ACTS.get(entry.act, entry.act),
        ip=told.get("ip", ""),
        browser=browsers.recognised(told.get("browser", "")),
        details=", ".join([*_changes(told.get("changes", {})), *_others(told)]),
    )


def _changes(changes: dict[str, list[str]]) -> list[str]:
    return [
        f"{NAMES.get(name, name)}\u00a0: {old or '–'} → {new or '–'}"
        for name, (old, new) in sorted(changes.items())
    ]


def _others(told: dict[str, Any]) -> list[str]:
    actor = [gettext("by %(actor)s") % {"actor": told["actor"]}] if told.get("actor") else []
    left = {name: value for name, value in told.items() if name not in SEEN_ELSEWHERE}
    passed = []
    if {"old", "new"} <= left.keys():
        passed = [f"{_said('old', left.pop('old'))} → {_said('new', left.pop('new'))}"]
    return [*actor, *passed, *(_said(name, value) for name, value in sorted(left.items()))]


def _day(written: str) -> str:
    """Say the day, or the moment, that an entry names as the reader writes them."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return written
    if moment.tzinfo is None:
        return str(date_format(moment))
    return moments.written(moment)


def _said(name: str, value: Any) -> str:
    """Say a value: words of our own lists in the reader's language, many as a list."""
    if name == "failures":
        return ngettext("%(count)s failure", "%(count)s failures", value) % {"count": value}
    if name == "count":
        return gettext("%(count)s in all") % {"count": value}
    if name == "until":
        return _day(value)
    if isinstance(value, list):
        return ", ".join(_said(name, one) for one in value)
    # Among the values are addresses, of which one may be made to look like another.
    said = addresses.shown(str(WORDS.get(name, {}).get(value, value)))
    return str(LABELLED[name]) % {"value": said} if name in LABELLED else said
