"""From the basket to the order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.catalogue.offers import Terms
from nichandle.commerce.invoices.facts import Party
from nichandle.commerce.invoices.sales.quoting import Quote
from nichandle.commerce.orders import mails, numbers
from nichandle.commerce.orders.basket.buyers import CONSUMERS
from nichandle.commerce.orders.basket.pricing import Offer, Priced
from nichandle.commerce.orders.lifecycle import paying
from nichandle.commerce.orders.lifecycle.steps import enter, note
from nichandle.commerce.orders.models import PURCHASE_ORDER_LENGTH, Order, OrderLine
from nichandle.commerce.orders.words import NOT_PAID
from nichandle.commerce.payments import operations as payments
from nichandle.commerce.services.models import NAME_LENGTH
from nichandle.commerce.services.names import name_taken
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import lock_account
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording.text import clean, fold
from nichandle.platform.limits.operations import spend

PAY_WITHIN = timedelta(days=30)
"""An order that nobody pays ends by itself then."""


class BasketEmpty(Refused):
    code = "order.basket_empty"
    message = _("There is nothing in the basket that can be ordered.")


class PriceMoved(Refused):
    code = "order.price_moved"
    message = _(
        "Prices or terms have changed since you opened this page. Look at them again, then order."
    )
    status = 409


class OrderTermsNotAccepted(Refused):
    code = "order.terms_not_accepted"
    message = _("Accept the terms to order.")
    field = "terms"


class OrderingClosed(Refused):
    code = "order.account_closed"
    message = _("This account cannot order: write to customer service.")
    status = 403


class NameInUse(Refused):
    code = "order.name_in_use"
    message = _("%(name)s is in use already: take it out of the basket, or choose another name.")
    status = 409


class NamedTwice(Refused):
    code = "order.named_twice"
    message = _("%(name)s stands in the basket twice: take one of them out.")


@dataclass(frozen=True, slots=True)
class Confirmation:
    """
    What the form of the order says: which prices were seen, what was accepted.

    ``once`` is the form's own key; ``at_once`` is the consumer's express wish that the service
    begins before the time for withdrawal is over (code de la consommation, L221-25).
    ``purchase_order`` is the buyer's own number for it.
    """

    once: UUID
    seen: str
    accepted: bool
    at_once: bool = False
    purchase_order: str = ""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Confirmation":
        """Read it off a form that is in order; what was not asked for is not in it."""
        return cls(
            once=given["once"],
            seen=given["seen"],
            accepted=given.get("terms", True),
            at_once=given.get("at_once", False),
            purchase_order=given.get("purchase_order", ""),
        )


def place(
    *, account_id: UUID, holder: Party, priced: Priced, confirmation: Confirmation, act: Act
) -> Order:
    """
    Write an order at the prices that were shown; the same form sent again returns the same order.

    :raises BasketEmpty, PriceMoved, OrderTermsNotAccepted, OrderingClosed, NameInUse, NamedTwice:
    :raises Exhausted: after too many orders in a day
    """
    earlier = _placed(account_id, confirmation.once)
    if earlier is not None:
        return earlier
    _require(priced, confirmation)
    spend("order.place", key=str(account_id), now=act.now)
    with transaction.atomic():
        account = lock_account(account_id)
        # The same form in another tab may have come first, and we have waited for it.
        earlier = _placed(account_id, confirmation.once)
        if earlier is not None:
            return earlier
        if account.state != Account.State.ACTIVE:
            raise OrderingClosed
        terms = accepted(priced.terms, priced.language, priced.edition, act.now)
        agreed = Agreed(priced.quote, terms, confirmation)
        order = _write(account, holder, agreed, act.now + PAY_WITHIN, act)
        _finish(account, order, _write_lines(order, priced.offers), act)
    return order


@dataclass(frozen=True, slots=True)
class Agreed:
    """What an order binds to: prices, terms, and the form that said so."""

    quote: Quote
    terms: Mapping[str, object]
    confirmation: Confirmation


def place_change(
    *,
    account_id: UUID,
    holder: Party,
    agreed: Agreed,
    line: OrderLine,
    pay_within: timedelta,
    act: Act,
) -> Order:
    """
    Write the order of a change of plan; the caller holds the service and has decided.

    ``line`` says what changes, and is saved with the order.

    :raises OrderingClosed: for an account that is not active
    :raises Exhausted: after too many orders in a day
    """
    spend("order.place", key=str(account_id), now=act.now)
    account = lock_account(account_id)
    if account.state != Account.State.ACTIVE:
        raise OrderingClosed
    order = _write(account, holder, agreed, act.now + pay_within, act)
    line.order, line.account_id, line.position = order, account_id, 1
    line.save(force_insert=True)
    _finish(account, order, [line], act)
    return order


def _finish(account: Account, order: Order, lines: list[OrderLine], act: Act) -> None:
    note(order, "ordered", act=act)
    enter("order.placed", order, act=act, amount=order.gross.shown("en"))
    _ask_for_money(order, act=act)
    mails.placed(account, order, lines, act=act)


def _placed(account_id: UUID, once: UUID) -> Order | None:
    return Order.objects.filter(account_id=account_id, once=once).first()


def _require(priced: Priced, confirmation: Confirmation) -> None:
    if not priced.offers or priced.problems:
        raise BasketEmpty
    if confirmation.seen != priced.seen:
        raise PriceMoved
    if priced.terms and not confirmation.accepted:
        raise OrderTermsNotAccepted
    names: set[tuple[str, str]] = set()
    for offer in priced.offers:
        name = (offer.product.family, fold(offer.name))
        if offer.named and name in names:
            raise NamedTwice(name=offer.name)
        if offer.named and name_taken(product=offer.product.family, name=offer.name):
            raise NameInUse(name=offer.name)
        names.add(name)


def _write(account: Account, holder: Party, agreed: Agreed, due_at: datetime, act: Act) -> Order:
    totals, confirmation = agreed.quote.totals, agreed.confirmation
    return Order.objects.create(
        number=numbers.draw(lambda number: Order.objects.filter(number=number).exists()),
        account=account,
        handle=account.handle_text,
        state=NOT_PAID,
        once=confirmation.once,
        language=account.language,
        holder=holder.as_json(),
        quote=agreed.quote.as_json(),
        terms=agreed.terms,
        currency=totals.gross.currency,
        net_minor=totals.net.minor,
        gross_minor=totals.gross.minor,
        consumer=account.kind in CONSUMERS,
        at_once_asked=confirmation.at_once,
        purchase_order=clean(confirmation.purchase_order)[:PURCHASE_ORDER_LENGTH],
        placed_at=act.now,
        due_at=due_at,
    )


def accepted(
    terms: Iterable[Terms], language: str, edition: int, now: datetime
) -> Mapping[str, object]:
    """Return what was agreed: which terms in which version, from which edition, when."""
    named = [
        {"code": each.code, "version": each.version, "title": each.title.said(language)}
        for each in terms
    ]
    return {"terms": named, "edition": edition, "at": now.isoformat()}


def _write_lines(order: Order, offers: tuple[Offer, ...]) -> list[OrderLine]:
    return OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            position=position,
            account_id=order.account_id,
            product=offer.product.code,
            family=offer.product.family,
            label=offer.label[:160],
            name=_name(order, offer, position),
            name_folded=fold(_name(order, offer, position))[:NAME_LENGTH],
            answers=dict(offer.answers),
            period_months=offer.price.period_months,
            net_minor=offer.net.minor,
            period_minor=offer.price.amount.rounded().minor,
            parts=len(offer.items()),
            lasting=offer.product.lasting,
            withdrawable=offer.product.withdrawal.allowed,
        )
        for position, offer in enumerate(offers, start=1)
    )


def _name(order: Order, offer: Offer, position: int) -> str:
    """Return what its service is called; what the customer gave no name is told apart by number."""
    if offer.named:
        return clean(offer.name)[:NAME_LENGTH]
    return numbers.made_name(offer.label, order.number, position)[:NAME_LENGTH]


def _ask_for_money(order: Order, *, act: Act) -> None:
    if not order.gross_minor:
        paying.settle(order, act=Act.by_itself(act.now))
        return
    payments.ask(
        account_id=order.account_id,
        handle=order.handle,
        cause=order.cause,
        amount=order.gross,
        title=_title(order),
        due_date=order.due_at.date(),
        now=act.now,
    )


def _title(order: Order) -> str:
    with translation.override(order.language):
        return gettext("Order %(number)s") % {"number": order.number}
