"""
The declaration of withdrawal, and what it brings.

It counts from the moment it is sent (code de la consommation, L221-21 and L221-22). Signed in, it
has its effect at once. Without signing in, number and address of an order are all that is asked:
they are no secret, so the effect waits while whoever reads the address may contest it.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.orders import mails, numbers
from nichandle.commerce.orders.lifecycle.ending import cancel_unpaid, give_back
from nichandle.commerce.orders.lifecycle.steps import enter, hold, lock, note
from nichandle.commerce.orders.models import Order, OrderLine, Withdrawal
from nichandle.commerce.orders.queries import may_withdraw
from nichandle.commerce.orders.words import NOT_PAID, RUNNING
from nichandle.commerce.services.operations import ServiceInDispute, lock_services
from nichandle.commerce.services.queries import in_other_hands
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import profile
from nichandle.platform.kernel import addresses, tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import MANGLED, LinkRefused, Refused
from nichandle.platform.limits.operations import spend

log = logging.getLogger("nichandle.orders")
CONTEST_FOR = timedelta(hours=48)
"""So long a withdrawal that nobody signed in for can be contested; the refund is due in 14 days."""
TRIED_AGAIN = timedelta(hours=1)
"""When the effect is tried again of one that a dispute about a service's contacts holds up."""
AT_ONCE = 100
LONGEST_NAME, LONGEST_WORDS = 200, 2000


class CannotWithdraw(Refused):
    code = "order.cannot_withdraw"
    message = _(
        "Nothing of this order can be withdrawn from: its time is over, or the law excepts what "
        "was ordered."
    )
    status = 409


class NothingHeld(Refused):
    code = "order.nothing_held"
    message = _("No withdrawal from this order waits for you.")
    status = 409


class ContestNotValid(LinkRefused):
    code = "order.contest_not_valid"
    message = _("This link is not valid any more.")
    sentences = {  # noqa: RUF012 - read only, as its parent's
        "unknown": MANGLED,
        "done": _("The withdrawal has had its effect: write to customer service."),
    }


@dataclass(frozen=True, slots=True)
class Declaration:
    """What somebody declares: who they are, and in their own words why, if they wish to say."""

    name: str
    words: str = ""


@transaction.atomic
def withdraw(*, account_id: UUID, number: str, declaration: Declaration, act: Act) -> Withdrawal:
    """
    Withdraw from one's own order: its services end, the money goes back, a mail acknowledges it.

    Declared twice, it is one withdrawal. What somebody declared without signing in gives way to
    the owner's own: it is acknowledged as such, and has its effect at once.

    :raises CannotWithdraw: also for an order of somebody else
    """
    order = hold(number)
    if order is None or order.account_id != account_id:
        raise CannotWithdraw
    earlier = Withdrawal.objects.filter(order=order).first()
    if earlier is not None and (earlier.done_at is not None or earlier.signed_in):
        return earlier
    if earlier is None or earlier.contested_at is not None:
        # One that is not contested was declared in time, and waits for nothing but a no.
        require_withdrawable(order, now=act.now)
    withdrawal = _declare(order, earlier, declaration, signed_in=True, digest=None, act=act)
    names = _covered(order)
    _carry_out(withdrawal, order, act)
    mails.withdrawn(profile(account_id), order, withdrawal, names, secret="", act=act)
    return withdrawal


def withdraw_by_address(*, number: str, address: str, declaration: Declaration, act: Act) -> None:
    """
    Withdraw without signing in; whoever asks learns nothing of whether there is such an order.

    :raises Exhausted: after too many tries of a network, or for one order
    """
    spend("withdrawal.network", key=act.origin.network, now=act.now)
    wanted = numbers.read(number)
    spend("withdrawal.order", key=wanted or number[:40], now=act.now)
    with transaction.atomic():
        order = lock(wanted) if wanted else None
        if order is None:
            return
        account = profile(order.account_id)
        known = {addresses.key(account.email), addresses.key(order.holder.get("email") or "")}
        if _key(address) not in known - {""} or not may_withdraw(order, now=act.now):
            return
        earlier = Withdrawal.objects.filter(order=order).first()
        if earlier is not None:
            # Declared already, or contested once: then only its owner may, signed in.
            return
        _by_address(order, account, declaration, act)


def _by_address(order: Order, account: Account, declaration: Declaration, act: Act) -> None:
    minted = tokens.mint()
    withdrawal = _declare(order, None, declaration, signed_in=False, digest=minted.digest, act=act)
    names = _covered(order)
    mails.withdrawn(account, order, withdrawal, names, secret=minted.secret, act=act)


def _covered(order: Order) -> list[str]:
    lines = OrderLine.objects.filter(order=order, withdrawable=True).order_by("position")
    return list(lines.values_list("name", flat=True))


def _key(address: str) -> str:
    try:
        return addresses.key(address)
    except ValueError:
        return ""


def require_withdrawable(order: Order, *, now: datetime) -> None:
    """:raises CannotWithdraw: when ``queries.may_withdraw`` says no"""
    if not may_withdraw(order, now=now):
        raise CannotWithdraw


def why_not(secret: str) -> str:
    """Return why a link contests nothing, as ``ContestNotValid`` says it; empty when it can."""
    found = Withdrawal.objects.filter(digest=tokens.digest(secret)).first()
    if found is None:
        return "unknown"
    return "done" if found.done_at is not None else ""


@transaction.atomic
def contest(secret: str, *, act: Act) -> None:
    """
    Say that a withdrawal was somebody else's: nothing ends.

    :raises ContestNotValid: when it has had its effect, or there is none of this link
    """
    digest = tokens.digest(secret)
    found = Withdrawal.objects.filter(digest=digest).values_list("order__number", flat=True).first()
    order = lock(found) if found else None
    withdrawal = Withdrawal.objects.filter(digest=digest).first()
    if order is None or withdrawal is None:
        raise ContestNotValid("unknown")
    if withdrawal.done_at is not None:
        raise ContestNotValid("done")
    if withdrawal.contested_at is not None:
        return
    withdrawal.contested_at = act.now
    withdrawal.save(update_fields=["contested_at"])
    note(order, "contested", act=act)
    enter("order.withdrawal_contested", order, act=act)
    mails.contested(profile(order.account_id), order, act=act)


def effect_due(*, now: datetime) -> int:
    """Carry out the withdrawals that nobody has contested in time; returns how many."""
    due = Withdrawal.objects.filter(
        Q(effective_at__lte=now),
        contested_at__isnull=True,
        done_at__isnull=True,
        held_at__isnull=True,
    )
    numbers_due = due.order_by("effective_at").values_list("order__number", flat=True)[:AT_ONCE]
    return sum(_effect(number, now) for number in list(numbers_due))


@transaction.atomic
def _effect(number: str, now: datetime) -> int:
    order = hold(number)
    if order is None:
        return 0
    rows = Withdrawal.objects.filter(order=order, contested_at=None, done_at=None)
    withdrawal = rows.filter(effective_at__lte=now, held_at=None).first()
    if withdrawal is None:
        return 0
    names, act = _covered(order), Act.by_itself(now)
    _carry_out(withdrawal, order, act)
    if withdrawal.held_at is not None:
        # The acknowledgement said that it would end today.
        mails.withdrawn(profile(order.account_id), order, withdrawal, names, secret="", act=act)
    return 1


def _declare(
    order: Order,
    earlier: Withdrawal | None,
    declaration: Declaration,
    *,
    signed_in: bool,
    digest: str | None,
    act: Act,
) -> Withdrawal:
    """Write a declaration; one made without signing in gives way to its owner's own."""
    if earlier is not None:
        earlier.delete()
    withdrawal = Withdrawal.objects.create(
        order=order,
        name=declaration.name[:LONGEST_NAME],
        words=declaration.words[:LONGEST_WORDS],
        signed_in=signed_in,
        declared_at=act.now,
        effective_at=act.now if signed_in else act.now + CONTEST_FOR,
        digest=digest,
    )
    note(order, "withdrawn", act=act)
    enter("order.withdrawn", order, act=act if signed_in else Act.by_itself(act.now))
    return withdrawal


@transaction.atomic
def carry_out_held(number: str, *, act: Act) -> None:
    """
    Carry out a withdrawal that was held: the operator has spoken with whom the services belong to.

    :raises NothingHeld: when none of this order is held
    :raises ServiceInDispute: while the contacts of one of its services are in dispute
    """
    order = hold(number)
    rows = Withdrawal.objects.filter(order=order, contested_at=None, done_at=None)
    withdrawal = rows.exclude(held_at=None).first()
    if order is None or withdrawal is None:
        raise NothingHeld
    _end(order, act)
    withdrawal.done_at = act.now
    withdrawal.save(update_fields=["done_at"])


def _carry_out(withdrawal: Withdrawal, order: Order, act: Act) -> None:
    """
    Let a declaration have its effect, unless a service of it belongs to somebody else by now.

    Who sold it on, or was moved to hand it over, would end it for its new owner and have the money
    back: that is for people to decide.
    """
    names = _handed_over(order)
    if not names:
        _let_end(withdrawal, order, act)
        return
    withdrawal.held_at = act.now
    withdrawal.save(update_fields=["held_at"])
    note(order, "held", act=act)
    log.error(
        "The withdrawal from order %s waits for you: %s belongs to somebody else by now.",
        *(order.number, ", ".join(names)),
    )


def _handed_over(order: Order) -> list[str]:
    """Name the services that would end, or change, for another account than the order's."""
    if order.state not in RUNNING:
        return []
    lines = OrderLine.objects.filter(order=order, withdrawable=True, service__isnull=False)
    # No hand-over comes between the look and the effect.
    held = lock_services(list(lines.values_list("service_id", flat=True)))
    return in_other_hands([service.pk for service in held], order.account_id)


def _let_end(withdrawal: Withdrawal, order: Order, act: Act) -> None:
    """
    Let a declaration have its effect, or wait for it where a service's contacts are in dispute.

    A dispute must neither take a consumer's right away nor hold up the withdrawals of others.
    """
    try:
        with transaction.atomic():
            _end(order, act)
    except ServiceInDispute:
        withdrawal.effective_at = act.now + TRIED_AGAIN
        withdrawal.save(update_fields=["effective_at"])
        return
    withdrawal.done_at = act.now
    withdrawal.save(update_fields=["done_at"])


def _end(order: Order, act: Act) -> None:
    if order.state == NOT_PAID:
        # Its payment was taken back meanwhile: there is nothing to give back.
        cancel_unpaid(order, "withdrawn", act=act)
    elif order.state in RUNNING:
        give_back(order, act=act)
