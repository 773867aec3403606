"""The list of all limits: what is counted, by whom, how many, in how long."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

LimitName = Literal[
    "signup.network",
    "signup.address",
    "signup.address_network",
    "signin.network",
    "signin.typed",
    "signin.account",
    "signin.browser",
    "signin.passkey",
    "signin.opening",
    "signin.factor",
    "signin.code",
    "signin.code_mail",
    "signin.half_mail",
    "guess.app",
    "guess.password",
    "factors.proof",
    "signin.opening_network",
    "recovery.network",
    "recovery.account",
    "recovery.contested",
    "recovery.elsewhere",
    "password.change",
    "password.strength",
    "password.judge",
    "recovery_address.code",
    "recovery_address.account",
    "recovery_address.mail",
    "recovery_address.mail_network",
    "unproven.network",
    "email.change",
    "email.change_code",
    "email.proof_code",
    "email.proof_account",
    "email.proof_mail",
    "email.proof_mail_network",
    "email.undo_code",
    "signin.again",
    "pause.mail",
    "pause.code",
    "contact.invite",
    "contact.recipient",
    "contact.warning",
    "case.network",
    "case.address",
    "case.address_network",
    "case.link",
    "case.paper",
    "case.papers_of_case",
    "case.paper_refused",
    "review.network",
    "review.signin",
    "review.browser",
    "review.key",
    "ledger.prove",
    "account.edit",
    "payment.webhook",
    "vat.ask",
    "payment.save_means",
    "invoice.check",
    "invoice.archive",
    "invoice.share",
    "invoice.copy",
    "invoice.copy_mail",
    "invoice.copy_mail_network",
    "order.place",
    "withdrawal.network",
    "withdrawal.order",
    "ticket.open",
    "ticket.reply",
]
"""The name of a limit; mypy refuses one that is not here."""


@dataclass(frozen=True, slots=True)
class Limit:
    """
    ``count`` times in ``window`` for each ``key``; ``why`` is for the operator.

    Of one that ``grows``, failures are counted one after another: after some of them each has to
    wait longer (``delays.after``), ``count`` close the way, and a ``window`` without any forgets
    them.
    """

    name: LimitName
    count: int
    window: timedelta
    key: str
    why: str
    grows: bool = False


MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

_LIMITS = (
    Limit("signup.network", 30, HOUR, "network", "creations begun: each costs a hash and a mail"),
    Limit("signup.address", 8, DAY, "mailbox", "mails of a creation to one address"),
    Limit(
        "signup.address_network",
        4,
        DAY,
        "asking network (of IPv6 the /48) and mailbox",
        "the same, from one network: a stranger's leaves the owner the other half",
    ),
    Limit("signin.network", 100, 10 * MINUTE, "network", "failed sign-ins from one neighbourhood"),
    Limit(
        "signin.typed",
        100,
        30 * DAY,
        "what was typed, however spelt",
        "the same by name, so that two names of one account do not give away that they are",
        grows=True,
    ),
    Limit(
        "signin.account",
        100,
        30 * DAY,
        "account or typed text",
        "failed sign-ins one after another from browsers the account does not know; "
        "NIST SP 800-63B-4 section 3.2.2 allows no more than 100",
        grows=True,
    ),
    Limit(
        "signin.browser",
        100,
        30 * DAY,
        "account and known browser",
        "failed sign-ins in a browser that has signed in before; strangers cannot spend it",
        grows=True,
    ),
    Limit(
        "signin.passkey",
        100,
        10 * MINUTE,
        "account, or network where the key is nobody's",
        "failed sign-ins with a passkey; a neighbour's wrong passwords do not spend it",
    ),
    Limit("signin.opening", 3, HOUR, "account", "links mailed that open sign-in for a browser"),
    Limit(
        "signin.factor",
        10,
        HOUR,
        "account, or account and known browser",
        "wrong second factors, whatever sign-in they belong to",
    ),
    Limit("signin.code", 10, HOUR, "account", "wrong codes mailed for an unknown browser"),
    Limit("signin.code_mail", 10, HOUR, "account", "codes mailed for an unknown browser"),
    Limit("signin.half_mail", 3, DAY, "account", "mails about a second step not passed"),
    Limit(
        "guess.app",
        100,
        30 * DAY,
        "account, or account and known browser, or account signed in",
        "wrong codes of an app one after another; NIST SP 800-63B-4 section 3.2.2",
    ),
    Limit(
        "guess.password",
        100,
        30 * DAY,
        "account",
        "wrong passwords one after another given while signed in; the same section",
    ),
    Limit("factors.proof", 10, HOUR, "account", "wrong proofs for a change of factors"),
    Limit("signin.opening_network", 20, HOUR, "network", "links asked for that open a browser"),
    Limit("recovery.network", 20, HOUR, "network", "lost passwords and identifiers asked for"),
    Limit("recovery.account", 5, HOUR, "account", "links for a new password mailed"),
    Limit("recovery.elsewhere", 5, HOUR, "account", "such links mailed to recovery addresses"),
    Limit("password.change", 10, HOUR, "account", "wrong present passwords while changing it"),
    Limit(
        "password.strength",
        20,
        MINUTE,
        "network and session",
        "estimates of a password's strength while it is typed; each takes some milliseconds",
    ),
    Limit(
        "password.judge",
        30,
        MINUTE,
        "network",
        "new passwords judged, wherever one is set; each takes some milliseconds",
    ),
    Limit(
        "recovery.contested",
        3,
        DAY,
        "account and address",
        "passwords set through one address while an event is contested",
    ),
    Limit("recovery_address.code", 10, DAY, "account", "wrong codes for a recovery address"),
    Limit("recovery_address.account", 10, DAY, "account", "codes mailed to recovery addresses"),
    Limit(
        "recovery_address.mail",
        8,
        DAY,
        "mailbox",
        "codes mailed to one recovery address, whosesoever it is to be",
    ),
    Limit(
        "recovery_address.mail_network",
        4,
        DAY,
        "asking network (of IPv6 the /48) and mailbox",
        "the same, from one network",
    ),
    Limit(
        "unproven.network",
        60,
        DAY,
        "network",
        "mails to addresses that are not proven, sent for customers who are signed in",
    ),
    Limit("email.change", 3, DAY, "account", "changes of the primary address asked for"),
    Limit(
        "email.change_code",
        10,
        DAY,
        "account",
        "wrong codes for a change of address; the last ends the request",
    ),
    Limit("email.proof_code", 10, DAY, "account", "wrong codes for a new address"),
    Limit("email.proof_account", 8, DAY, "account", "mails that have new addresses proven"),
    Limit("email.proof_mail", 8, DAY, "mailbox", "the same, to one address from anybody"),
    Limit(
        "email.proof_mail_network",
        4,
        DAY,
        "asking network (of IPv6 the /48) and mailbox",
        "the same, to one address from one network",
    ),
    Limit("email.undo_code", 10, DAY, "account", "wrong codes to undo a change of address"),
    Limit("signin.again", 10, HOUR, "account", "wrong answers when a fresh sign-in is asked for"),
    Limit("pause.mail", 5, DAY, "account", "codes mailed to end a pause"),
    Limit("pause.code", 10, DAY, "account", "wrong codes to end a pause"),
    Limit("contact.invite", 20, DAY, "account", "hand-overs of contacts asked of somebody else"),
    Limit("contact.recipient", 10, DAY, "newcomer", "mails that ask somebody to take a role"),
    Limit("contact.warning", 5, DAY, "account", "warnings about a contact, for our reviewers"),
    Limit("case.network", 10, HOUR, "network", "cases begun by visitors"),
    Limit("case.address", 8, DAY, "mailbox", "codes of cases mailed to one address"),
    Limit(
        "case.address_network",
        4,
        DAY,
        "asking network (of IPv6 the /48) and mailbox",
        "the same, from one network",
    ),
    Limit("case.link", 10, HOUR, "network", "links to the page of a case asked for"),
    Limit("case.paper", 60, HOUR, "network", "papers of cases taken and looked at"),
    Limit("case.papers_of_case", 30, DAY, "case", "papers of one case taken and looked at"),
    Limit("case.paper_refused", 10, DAY, "case", "papers of one case that could not be shown"),
    Limit("review.network", 30, 10 * MINUTE, "network", "failed sign-ins of reviewers"),
    Limit(
        "review.signin",
        10,
        15 * MINUTE,
        "address typed",
        "failed sign-ins of one reviewer in browsers where they have not signed in before",
    ),
    Limit(
        "review.browser",
        10,
        15 * MINUTE,
        "reviewer and known browser",
        "failed sign-ins in a browser where the reviewer has; strangers cannot spend it",
    ),
    Limit(
        "review.key",
        10,
        HOUR,
        "reviewer, or reviewer and known browser",
        "wrong answers of keys: signing in, adding and removing keys",
    ),
    Limit("ledger.prove", 20, HOUR, "account", "proofs of one's whole ledger"),
    Limit("account.edit", 30, HOUR, "account", "changes of one's details"),
    Limit("payment.webhook", 300, HOUR, "network", "webhooks of payment providers refused"),
    Limit("vat.ask", 20, DAY, "account", "VAT numbers that VIES is asked about"),
    Limit("payment.save_means", 20, DAY, "account", "tries to save a means of payment"),
    Limit("invoice.check", 20, HOUR, "network", "questions whether an invoice is ours"),
    Limit("invoice.archive", 5, DAY, "account", "years of invoices put into ZIP files"),
    Limit("invoice.copy", 10, DAY, "account", "addresses asked whether they want copies"),
    Limit("invoice.copy_mail", 8, DAY, "mailbox", "such questions to one address from anybody"),
    Limit(
        "invoice.copy_mail_network",
        4,
        DAY,
        "asking network (of IPv6 the /48) and mailbox",
        "the same, to one address from one network",
    ),
    Limit("invoice.share", 20, DAY, "account", "links made that open an invoice to others"),
    Limit("order.place", 50, DAY, "account", "orders placed: each is a mail, and takes a number"),
    Limit(
        "withdrawal.network",
        20,
        DAY,
        "network",
        "withdrawals declared without signing in: number and address of an order could be tried",
    ),
    Limit(
        "ticket.open", 20, DAY, "account", "tickets opened: each is a mail, and waits for people"
    ),
    Limit("ticket.reply", 60, HOUR, "account", "messages of customers in their tickets"),
    Limit("withdrawal.order", 5, DAY, "order number", "the same for one order, from anywhere"),
)
CATALOGUE: dict[str, Limit] = {limit.name: limit for limit in _LIMITS}
"""Every limit, as it is unless the operator's setting says otherwise."""
UNITS = {"m": MINUTE, "h": HOUR, "d": DAY}
CHANGED = re.compile(
    r"(?P<name>[a-z_.]+)=(?P<count>[1-9]\d{0,5})/(?P<number>[1-9]\d{0,3})(?P<unit>[mhd])"
)


def changed(text: str) -> dict[str, Limit]:
    """
    Return the limits that an operator has changed, by name: ``signup.network=60/1h, …``.

    :raises ValueError: when one is unknown, or looser than a standard allows
    """
    found: dict[str, Limit] = {}
    for written in filter(None, (part.strip() for part in text.split(","))):
        parts = CHANGED.fullmatch(written)
        limit = CATALOGUE.get(parts["name"]) if parts else None
        if parts is None or limit is None:
            raise ValueError(
                "must be limits of docs/operators/reference.md, such as signup.network=60/1h; "
                f"not “{written}”"
            )
        if limit.grows and int(parts["count"]) > limit.count:
            raise ValueError(f"must allow at most {limit.count} for {limit.name}")
        window = int(parts["number"]) * UNITS[parts["unit"]]
        if limit.grows and window < limit.window:
            raise ValueError(f"must remember {limit.name} for at least {limit.window.days} days")
        found[limit.name] = replace(limit, count=int(parts["count"]), window=window)
    return found
