"""What both sides say to a request: accept, refuse, send the mail again, go on after a hold."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from nichandle.commerce.contacts import clock
from nichandle.commerce.contacts.errors import (
    AlreadyAnswered,
    AnotherAccount,
    NotYoursToResume,
    RequestGone,
    RequestSentOften,
    TermsNotAccepted,
    TokenMissing,
    TokenNotValid,
)
from nichandle.commerce.contacts.lifecycle import endings, holds
from nichandle.commerce.contacts.lifecycle.book import Book
from nichandle.commerce.contacts.models import Request, Side
from nichandle.commerce.contacts.queries import content, service_ids, side_of, sides_of, who
from nichandle.commerce.contacts.requests import effect, newcomers
from nichandle.commerce.services import obstacles
from nichandle.commerce.services.operations import lock_services
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import profile
from nichandle.platform.audit.operations import NewEntry
from nichandle.platform.jobs.operations import enqueue
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.origin import NOWHERE

TERMS_LENGTH = 60
SENDINGS = 4
"""The first one and three more."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer led to."""

    state: str


@transaction.atomic
def accept(
    *,
    account_id: UUID,
    request_id: int,
    token: str,
    terms: bool,
    act: Act,
) -> Said:
    """
    Say yes, signed in; carries the request out when nobody else has to.

    The asker proves with the token of its mail that it reads it; the newcomer is the account that
    is named, or one that has proven the named address, and may leave the token out.

    :raises RequestGone: when the request is over
    :raises AnotherAccount: when it is meant for another account
    :raises TokenNotValid: when the token is not this request's and side's
    :raises TokenMissing: when the asker gives none
    :raises TermsNotAccepted: when a new owner or administrator does not accept them
    :raises Refused: the account's own obstacle, save one of the newcomer's that passes by itself
    """
    services = lock_services(service_ids(request_id))
    request = _locked_request(request_id)
    account = profile(account_id)
    side = _side(request, account)
    _judge(request, side, account, token, act.now)
    _say_yes(request, side, account, terms, act.now)
    book = Book()
    book.add(NewEntry("contact.accepted", account_id, act.origin, {"request": request.pk}))
    if all(one.accepted_at for one in sides_of(request).values()):
        own = act.origin if account_id == request.asker_id else NOWHERE
        effect.carry_out(request, services, book=book, act=Act(own, act.now))
    book.write(now=act.now)
    return Said(request.state)


@transaction.atomic
def refuse(*, account_id: UUID, request_id: int, act: Act) -> None:
    """
    Say no, signed in: the newcomer refuses, the asker withdraws.

    :raises RequestGone: when the request is over
    :raises AnotherAccount: when it is neither's
    :raises AlreadyAnswered: when the newcomer has said yes
    """
    request = _locked_request(request_id)
    _refuse(request, _side_or_asker(request, profile(account_id)), act=act)


@transaction.atomic
def refuse_by_token(*, secret: str, act: Act) -> None:
    """
    Say no with the link of a mail; no sign-in is needed.

    :raises TokenNotValid: when the link was used, replaced, or never was one
    :raises RequestGone: when the request is over
    """
    side = side_of(secret)
    if side is None:
        raise TokenNotValid
    request = _locked_request(side.request_id)
    if not Side.objects.filter(pk=side.pk, digest=tokens.digest(secret)).exists():
        raise TokenNotValid
    _refuse(request, side.who, act=act)


@transaction.atomic
def resend(*, account_id: UUID, request_id: int, act: Act) -> None:
    """
    Mail a new token; the one before is void.

    The asker's own first; once it has confirmed, the newcomer's, whether there is one or not.

    :raises RequestGone: when the request is over
    :raises AnotherAccount: when it is neither's
    :raises AlreadyAnswered: when this side has said yes
    :raises RequestSentOften: after the third time
    """
    request = _locked_request(request_id)
    account = profile(account_id)
    side = _side(request, account)
    if not clock.answerable(request, now=act.now):
        raise RequestGone
    if side.who == Side.Who.ASKER and side.accepted_at is not None:
        side = sides_of(request).get(Side.Who.NEWCOMER, side)
    if side.accepted_at is not None:
        raise AlreadyAnswered
    if side.sent >= SENDINGS:
        raise RequestSentOften
    book = Book()
    book.add(NewEntry("contact.sent_again", account_id, act.origin, {"request": request.pk}))
    newcomers.count(side)
    if side.who == Side.Who.NEWCOMER:
        # Whether there is one is found out by the worker.
        enqueue("contacts.send_again", {"request": request.pk}, now=act.now)
    else:
        newcomers.mail(request, side, about=content(request), book=book, act=act)
    book.write(now=act.now)


@transaction.atomic
def go_on(*, account_id: UUID, request_id: int, act: Act) -> None:
    """
    Let a held request go on; the page has seen a fresh sign-in.

    :raises RequestGone: when it is over or not held
    :raises AnotherAccount: when it is neither's
    :raises NotYoursToResume: when it is the other side's account that was contested
    """
    services = lock_services(service_ids(request_id))
    request = _locked_request(request_id)
    _side_or_asker(request, profile(account_id))
    if not request.held or not request.open:
        raise RequestGone
    if not request.held_for(account_id):
        raise NotYoursToResume
    request.hold_for(account_id, None)
    book = Book()
    for party in holds.parties(request):
        own = act.origin if party == account_id else NOWHERE
        book.add(NewEntry("contact.resumed", party, own, {"request": request.pk}))
    if request.state == Request.State.DOING:
        effect.carry_out(request, services, book=book, act=Act.by_itself(act.now))
    book.write(now=act.now)


def _refuse(request: Request, by: str, *, act: Act) -> None:
    if not request.open:
        raise RequestGone
    if by == Side.Who.NEWCOMER and not clock.answerable(request, now=act.now):
        raise RequestGone
    if by == Side.Who.ASKER:
        _end(request, Request.State.ABORTED, by, "withdrawn", act=act)
        return
    if sides_of(request)[Side.Who.NEWCOMER].accepted_at is not None:
        raise AlreadyAnswered
    _end(request, Request.State.REFUSED, by, "", act=act)


def _end(request: Request, state: Request.State, by: str, reason: str, *, act: Act) -> None:
    book = Book()
    endings.end(request, state, book=book, act=act, reason=reason, by=by)
    book.write(now=act.now)


def _locked_request(request_id: int) -> Request:
    request = locked(Request.objects.filter(pk=request_id)).first()
    if request is None:
        raise RequestGone
    return request


def _side(request: Request, account: Account) -> Side:
    """Return the side an account has to answer for; an asker who takes a role has one alone."""
    side = sides_of(request).get(_side_or_asker(request, account))
    if side is None:
        raise RequestGone
    return side


def _side_or_asker(request: Request, account: Account) -> str:
    found = who(request, account)
    if found is None:
        raise AnotherAccount
    return found


def _judge(request: Request, side: Side, account: Account, token: str, now: datetime) -> None:
    if side.accepted_at is not None:
        raise AlreadyAnswered
    if not clock.answerable(request, now=now):
        raise RequestGone
    _check(side, token)
    standing = obstacles.first(account, now=now)
    # A newcomer's yes is taken and waits for what passes; an asker is refused at once.
    if standing is not None and not (standing.passes and side.who == Side.Who.NEWCOMER):
        raise standing.refusal


def _say_yes(request: Request, side: Side, account: Account, terms: bool, now: datetime) -> None:
    if side.who == Side.Who.NEWCOMER or request.takes_for_oneself:
        _take_terms(request, terms, now)
    if side.who == Side.Who.NEWCOMER:
        request.to_account = account
    request.save(update_fields=["to_account", "terms_at", "terms_version"])
    side.accepted_at, side.digest = now, None
    side.save(update_fields=["accepted_at", "digest"])


def _check(side: Side, token: str) -> None:
    written = token.strip()
    if not written:
        if side.who == Side.Who.ASKER:
            raise TokenMissing
        return
    if side.digest is None or not tokens.same(tokens.digest(written), side.digest):
        raise TokenNotValid


def _take_terms(request: Request, terms: bool, now: datetime) -> None:
    if not content(request).with_terms:
        return
    if not terms:
        raise TermsNotAccepted
    request.terms_at = now
    request.terms_version = settings.NICHANDLE_TERMS_VERSION[:TERMS_LENGTH]
