"""Finding out who is named, and telling both sides: what the worker does after the page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from nichandle.commerce.contacts import clock, mails
from nichandle.commerce.contacts.lifecycle import endings
from nichandle.commerce.contacts.lifecycle.book import Book
from nichandle.commerce.contacts.lifecycle.steps import due_for_a_look, look_again_later, move
from nichandle.commerce.contacts.models import Request, Side
from nichandle.commerce.contacts.queries import content, sides_of
from nichandle.commerce.contacts.telling.content import Content
from nichandle.commerce.services import obstacles
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import profile
from nichandle.identity.signin.authentication import candidates
from nichandle.platform.audit.operations import NewEntry
from nichandle.platform.kernel import addresses, tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.origin import NOWHERE, Origin
from nichandle.platform.limits.errors import Exhausted
from nichandle.platform.limits.operations import spend

AT_ONCE = 100
BEFORE = (Request.State.WRITTEN, Request.State.CHECKING)


def send(payload: Mapping[str, Any], *, now: datetime) -> None:
    """Look up who is named and mail both sides, for a request that has just been confirmed."""
    origin = Origin(payload["ip"] or None, payload["agent"])
    _send(int(payload["request"]), act=Act(origin, now))


def send_waiting(*, now: datetime) -> int:
    """Mail what waited for the end of a pause, or end it; returns how many that were."""
    rows = Request.objects.filter(state=Request.State.CHECKING, ended_at=None)
    due = rows.filter(due_for_a_look(now)).order_by("expires_at")
    keys = list(due.values_list("pk", flat=True)[:AT_ONCE])
    return sum(_send(key, act=Act.by_itself(now)) for key in keys)


@transaction.atomic
def _send(request_id: int, *, act: Act) -> int:
    rows = Request.objects.filter(pk=request_id, state__in=BEFORE, confirmed_at__isnull=False)
    request = locked(rows).first()
    if request is None:
        return 0
    book = Book()
    if clock.over(request, now=act.now):
        endings.end(request, Request.State.EXPIRED, book=book, act=Act.by_itself(act.now))
        book.write(now=act.now)
        return 1
    standing = obstacles.first(request.asker, now=act.now)
    if standing is not None and not standing.passes:
        endings.end(
            request, Request.State.ERROR, book=book, act=Act.by_itself(act.now), reason="obstacle"
        )
        book.write(now=act.now)
        return 1
    if standing is not None or request.held:
        if request.state != Request.State.CHECKING:
            move(request, Request.State.CHECKING, now=act.now)
        look_again_later(request, now=act.now)
        return 0
    if request.to_account_id is None:
        request.to_account = _newcomer(request)
    if request.takes_for_oneself:
        Side.objects.filter(request=request, who=Side.Who.NEWCOMER).delete()
    move(request, Request.State.VALIDATING, now=act.now)
    about = content(request)
    for side in sides_of(request).values():
        count(side)
        mail(request, side, about=about, book=book, act=act)
    book.write(now=act.now)
    return 1


def count(side: Side) -> None:
    """Count a mail to a side, whether or not there is anybody to write to."""
    side.sent += 1
    side.save(update_fields=["sent"])


@transaction.atomic
def send_again(payload: Mapping[str, Any], *, now: datetime) -> None:
    """Mail the newcomer once more, if there is one: the page that asked for it did not look."""
    rows = Request.objects.filter(pk=payload["request"], state=Request.State.VALIDATING)
    request = locked(rows).first()
    if request is None or clock.over(request, now=now):
        return
    side = sides_of(request).get(Side.Who.NEWCOMER)
    if side is None or side.accepted_at is not None:
        return
    book = Book()
    mail(request, side, about=content(request), book=book, act=Act.by_itself(now))
    book.write(now=now)


def mail(request: Request, side: Side, *, about: Content, book: Book, act: Act) -> None:
    """
    Mail a side its secret; the one before is void. The caller holds the request, and has counted.

    Whoever is named and is nobody gets no mail, and too many mails to one person are not sent: the
    asker sees no difference.
    """
    minted = tokens.mint()
    if side.who == Side.Who.ASKER:
        mails.confirm(request, about, secret=minted.secret, act=act)
    elif not _may_mail(request, act.now):
        return
    elif request.to_account is not None:
        mails.write(
            request.to_account,
            about,
            "contacts/mail/asked",
            facts={"asker": request.asker.handle_text},
            secrets={"secret": minted.secret},
            expires_at=clock.answer_until(request),
            act=Act.by_itself(act.now),
        )
        if side.written == 0:
            book.add(_proposed(request, request.to_account, about))
    else:
        mails.invitation(request, about, secret=minted.secret, now=act.now)
    side.digest, side.written = minted.digest, side.written + 1
    side.save(update_fields=["digest", "written"])


def _proposed(request: Request, newcomer: Account, about: Content) -> NewEntry:
    asker = request.asker.handle_text
    details = {"actor": asker, "roles": list(about.roles), "services": about.names}
    return NewEntry("contact.proposed", newcomer.pk, NOWHERE, details)


def _newcomer(request: Request) -> Account | None:
    """Return the account that is named; None for nobody, for one being opened, for a closed one."""
    found = candidates.find(request.named)
    if found is None:
        return None
    account = profile(found.account_id)
    usable = account.handle is not None and account.state != Account.State.CLOSED
    return account if usable else None


def _may_mail(request: Request, now: datetime) -> bool:
    """Tell whether there is somebody to write to, who has not been written to too often today."""
    key = addresses.mailbox(request.named) if request.newcomer_key else ""
    if request.to_account is not None:
        key = str(request.to_account.pk)
    if not key:
        return False
    try:
        spend("contact.recipient", key=key, now=now)
    except Exhausted:
        return False
    return True
