"""« Mes demandes »: what one asked, what one is asked."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from nichandle.commerce.contacts import clock, queries
from nichandle.commerce.contacts.models import Request, Side
from nichandle.commerce.contacts.requests import answering, asking
from nichandle.commerce.services import obstacles
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import profile
from nichandle.identity.signin.reauthentication.fresh import fresh_required
from nichandle.identity.signin.sessions.http import CustomerRequest
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused


@require_safe
def requests(request: CustomerRequest) -> HttpResponse:
    account, after = request.account, request.GET.get("after", "")
    wanted, key = request.GET.get("box"), addresses.key(account.email)
    found = queries.box(account.id, key, name=wanted, after=after, now=timezone.now())
    shown: dict[str, Any] = {
        "box": found.name,
        "rows": queries.contents(found.page.rows),
        "next": found.page.next,
        "after": after,
        "waiting": found.waiting,
        "lost": found.disputable,
    }
    return render(request, "contacts/requests.html", shown)


@require_safe
def request_page(request: CustomerRequest, request_id: int) -> HttpResponse:
    found, account = own(request, request_id)
    shown = {
        "hand_over": found,
        "about": queries.content(found),
        "until": clock.answer_until(found),
        "waits": obstacles.first(account, now=timezone.now()) if found.open else None,
        "resumable": found.open and found.held_for(account.pk),
        **_answers(found, account, now=timezone.now()),
    }
    return render(request, "contacts/request.html", shown)


def _answers(found: Request, account: Account, *, now: datetime) -> dict[str, Any]:
    """Return who has said what, and what is left for one to say."""
    side, sides = queries.who(found, account), queries.sides_of(found)
    asking, open_still = side == Side.Who.ASKER, clock.answerable(found, now=now)
    mine, newcomer = sides.get(side or ""), sides.get(Side.Who.NEWCOMER)
    answerable = mine is not None and mine.accepted_at is None and open_still
    return {
        "asking": asking,
        "asker_said": sides[Side.Who.ASKER].accepted_at if Side.Who.ASKER in sides else None,
        "newcomer_said": newcomer.accepted_at if newcomer else None,
        "with_newcomer": newcomer is not None,
        "answerable": answerable,
        "withdrawable": found.open and (asking or answerable),
        "nudge": asking and not answerable and open_still,
    }


@require_POST
def resend(request: CustomerRequest, request_id: int) -> HttpResponse:
    said = _("A new mail is on its way, unless too many went there today; it makes the older void.")
    return _do(request, request_id, answering.resend, said)


@require_POST
@fresh_required
def begin(request: CustomerRequest, request_id: int) -> HttpResponse:
    return _do(request, request_id, asking.confirm, _("Your request has begun."))


@require_POST
@fresh_required
def resume(request: CustomerRequest, request_id: int) -> HttpResponse:
    return _do(request, request_id, answering.go_on, _("The request goes on."))


def own(request: CustomerRequest, request_id: int) -> tuple[Request, Account]:
    """Return a request that one made or is asked; any other is not there."""
    found, account = queries.request_of(request_id), profile(request.account.id)
    if found is None or not queries.visible(found, account):
        raise Http404
    return found, account


def _do(
    request: CustomerRequest, request_id: int, act: Callable[..., None], said: str
) -> HttpResponse:
    own(request, request_id)
    try:
        act(
            account_id=request.account.id,
            request_id=request_id,
            act=Act.of(request),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("contacts:request", request_id=request_id)
