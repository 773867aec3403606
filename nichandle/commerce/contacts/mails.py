"""The mails of a hand-over. None holds a word that the asker wrote."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import override

from nichandle.commerce.contacts import clock
from nichandle.commerce.contacts.models import Dispute, Request
from nichandle.commerce.contacts.telling.content import Content
from nichandle.identity.accounts.letterhead import letter
from nichandle.identity.accounts.models import Account
from nichandle.identity.notme.operations import mint
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail
from nichandle.platform.outbox.operations import enqueue, enqueue_all

NAMED = 20
"""So many services are named in one mail."""


def write(
    account: Account,
    about: Content,
    template: str,
    *,
    facts: dict[str, Any] | None = None,
    secrets: dict[str, str] | None = None,
    expires_at: datetime | None = None,
    act: Act,
) -> None:
    """Write to the primary address of one of those concerned, in their language."""
    mail = letter(
        account,
        template,
        to=account.email,
        facts=_about(about, account.language) | (facts or {}),
        secrets=secrets,
        expires_at=expires_at,
        act=act,
    )
    enqueue_all([mail])


def confirm(request: Request, about: Content, *, secret: str, act: Act) -> None:
    """Write the asker's own token, and the way to say that somebody else asked."""
    asker = request.asker
    not_me = mint(
        account_id=asker.pk,
        event="contact.asked",
        address=asker.email,
        event_at=request.asked_at,
        now=act.now,
    )
    write(
        asker,
        about,
        "contacts/mail/confirm",
        facts={"named": request.named},
        secrets={"secret": secret, "not_me": not_me},
        expires_at=clock.answer_until(request),
        act=act,
    )


def invitation(request: Request, about: Content, *, secret: str, now: datetime) -> None:
    """Write the token of somebody who has no account yet, in the asker's language."""
    asker = request.asker
    enqueue(
        template="contacts/mail/invitation",
        to=request.named,
        language=asker.language,
        context=_about(about, asker.language)
        | {"asker": asker.handle_text, "time_zone": asker.time_zone},
        secrets={"secret": secret},
        expires_at=clock.answer_until(request),
        act=Act.by_itself(now),
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
    Make the mail of a hand-over that was done, with the outgoing contact's dispute link.

    ``left`` names the services whose contacts stay, where not all could be handed over.
    """
    facts = _about(about, account.language)
    facts |= {"left": list(left[:NAMED]), "unnamed": len(left[NAMED:]) or ""}
    facts |= {"old": request.from_account.handle_text, "new": request.newcomer_handle}
    secrets = {"dispute": dispute} if dispute else {}
    template, to = "contacts/mail/done", account.email
    return letter(account, template, to=to, facts=facts, secrets=secrets, act=Act.by_itself(now))


def ended(request: Request, account: Account, about: Content, *, act: Act) -> None:
    """Tell one of its sides that a request ended without effect, and why."""
    with override(account.language):
        facts = {"state": str(request.state_word), "reason": str(request.reason_word)}
    write(account, about, "contacts/mail/ended", facts=facts, act=act)


def settled(found: Dispute, account: Account, about: Content, *, words: str, act: Act) -> None:
    """Tell what was decided about a dispute, and why."""
    facts = {
        "number": found.case_number,
        "given_back": bool(found.given_back),
        "before": found.request.from_account.handle_text,
        "words": words,
    }
    write(account, about, "contacts/mail/settled", facts=facts, act=act)


def _about(about: Content, language: str) -> dict[str, Any]:
    with override(language):
        roles = about.role_words
    return {"roles": roles, "services": about.names, "more": str(about.more) if about.more else ""}
