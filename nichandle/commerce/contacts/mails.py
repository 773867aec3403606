"""The mails of a hand-over. None holds a word that the asker wrote."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import override

from nichandle.commerce.contacts.content import Content
from nichandle.commerce.contacts.models import Dispute, Request
from nichandle.identity.accounts.models import Account
from nichandle.identity.notme.operations import mint
from nichandle.platform.kernel.origin import NOWHERE, Origin
from nichandle.platform.outbox.models import Mail
from nichandle.platform.outbox.operations import draft, enqueue, enqueue_all

NAMED = 20
"""So many services are named in one mail."""


def confirm(
    request: Request, about: Content, *, secret: str, origin: Origin, now: datetime
) -> None:
    """The asker's own token; and the way to say that somebody else asked."""
    asker = request.asker
    not_me = mint(
        account_id=asker.pk,
        event="contact.asked",
        address=asker.email,
        event_at=request.asked_at,
        now=now,
    )
    context = _about(about, asker.language) | {"named": request.named}
    enqueue(
        template="contacts/mail/confirm",
        **_to(asker, context, now, origin),
        secrets={"secret": secret, "not_me": not_me},
        expires_at=request.expires_at,
    )


def asked(
    request: Request, newcomer: Account, about: Content, *, secret: str, now: datetime
) -> None:
    """The newcomer's token."""
    context = _about(about, newcomer.language) | {"asker": _handle(request.asker)}
    enqueue(
        template="contacts/mail/asked",
        **_to(newcomer, context, now),
        secrets={"secret": secret},
        expires_at=request.expires_at,
    )


def invitation(request: Request, about: Content, *, secret: str, now: datetime) -> None:
    """The token of somebody who has no account yet, in the asker's language."""
    language = request.asker.language
    enqueue(
        template="contacts/mail/invitation",
        to=request.named,
        language=language,
        account_id=None,
        handle="",
        context=_about(about, language)
        | {"asker": _handle(request.asker), "time_zone": request.asker.time_zone},
        secrets={"secret": secret},
        origin=NOWHERE,
        now=now,
        expires_at=request.expires_at,
    )


def done(
    request: Request,
    account: Account,
    about: Content,
    *,
    dispute: str,
    left: Sequence[str],
    now: datetime,
) -> Mail:
    """
    Word of a hand-over that was done, with the outgoing contact's dispute link; not written.

    ``left`` names the services whose contacts stay, where not all could be handed over.
    """
    context = _about(about, account.language)
    context |= {"left": list(left[:NAMED]), "unnamed": len(left[NAMED:]) or ""}
    context |= {"old": _handle(request.from_account), "new": _handle(request.to_account)}
    return draft(
        template="contacts/mail/done",
        **_to(account, context, now),
        secrets={"dispute": dispute} if dispute else {},
    )


def send(letters: Iterable[Mail]) -> None:
    """Write many mails at once."""
    enqueue_all(letters)


def ended(
    request: Request, account: Account, about: Content, *, origin: Origin, now: datetime
) -> None:
    """Word of a request that ended without effect, to one of its sides."""
    with override(account.language):
        state, reason = str(request.state_word), str(request.reason_word)
    context = _about(about, account.language) | {"state": state, "reason": reason}
    enqueue(template="contacts/mail/ended", **_to(account, context, now, origin), secrets={})


def disputed(
    account: Account, about: Content, *, number: str, origin: Origin, now: datetime
) -> None:
    """Word of a dispute: contacts are frozen until it is decided."""
    context = _about(about, account.language) | {"number": number}
    enqueue(template="contacts/mail/disputed", **_to(account, context, now, origin), secrets={})


def settled(found: Dispute, account: Account, about: Content, *, words: str, now: datetime) -> None:
    """Word of a dispute that was decided: what was done, and why."""
    context = _about(about, account.language) | {
        "number": found.case_number,
        "given_back": bool(found.given_back),
        "before": _handle(found.request.from_account),
        "words": words,
    }
    enqueue(template="contacts/mail/settled", **_to(account, context, now), secrets={})


def _to(
    account: Account, context: dict[str, Any], now: datetime, origin: Origin = NOWHERE
) -> dict[str, Any]:
    return {
        "to": account.email,
        "language": account.language,
        "account_id": account.pk,
        "handle": _handle(account),
        "context": context | {"time_zone": account.time_zone},
        "origin": origin,
        "now": now,
    }


def _about(about: Content, language: str) -> dict[str, Any]:
    with override(language):
        roles = about.role_words
    return {"roles": roles, "services": about.names, "more": str(about.more) if about.more else ""}


def _handle(account: Account | None) -> str:
    return account.handle.text if account is not None and account.handle else ""
