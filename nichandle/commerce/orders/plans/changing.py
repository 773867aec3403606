"""Asking for another plan: an order for a larger one, a wish for a smaller one."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.catalogue.offers import Catalogue, Terms
from nichandle.commerce.invoices.facts import Evidence, Party, Seller
from nichandle.commerce.invoices.sales.quoting import Item, Quote, quote
from nichandle.commerce.orders.basket.pricing import ONE, shown
from nichandle.commerce.orders.lifecycle.placing import (
    Agreed,
    Confirmation,
    OrderTermsNotAccepted,
    PriceMoved,
    accepted,
    place_change,
)
from nichandle.commerce.orders.models import Order, OrderLine
from nichandle.commerce.orders.plans.offering import Larger, Plans, plans_of
from nichandle.commerce.orders.words import CHANGE, CHECKING, DELIVERING, NOT_PAID
from nichandle.commerce.services import operations as services
from nichandle.commerce.services.models import Service
from nichandle.commerce.services.operations import plan_next
from nichandle.commerce.services.permissions import require
from nichandle.commerce.services.queries import concerned
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording.languages import current as language_now


class PlanNotOffered(Refused):
    code = "plan.not_offered"
    message = _("This service cannot change to this plan now.")
    status = 409


class ChangeUnderWay(Refused):
    code = "plan.change_under_way"
    message = _(
        "A change of plan of this service waits to be paid or delivered: order %(number)s. Pay or "
        "cancel it first."
    )
    status = 409


@dataclass(frozen=True, slots=True)
class Upgrade:
    """A change to a larger plan with all its figures; ``seen`` names them in few letters."""

    service: Service
    before: str
    larger: Larger
    quote: Quote
    terms: tuple[Terms, ...]
    edition: int
    on: date
    language: str

    @property
    def terms_shown(self) -> list[dict[str, str]]:
        """The terms in the reader's language."""
        return shown(self.terms, self.language)

    @property
    def excepted(self) -> str:
        """Why a consumer cannot withdraw from it; empty where they can."""
        policy = self.larger.product.withdrawal
        return "" if policy.allowed else policy.reason.said(self.language)

    @property
    def seen(self) -> str:
        totals = self.quote.totals
        said = [
            f"{self.service.pk} {self.larger.product.code} {totals.net.amount}",
            *(f"{terms.code} {terms.version}" for terms in self.terms),
            f"{totals.gross.amount}",
        ]
        return tokens.digest("\n".join(said))[:32]


def upgrade_of(
    service: Service,
    plan: str,
    catalogue: Catalogue,
    *,
    buyer: Party,
    seller: Seller,
    on: date,
    evidence: Evidence | None = None,
) -> Upgrade:
    """
    Return what a change to a larger plan costs on a day.

    :raises PlanNotOffered: when the service cannot become that
    """
    plans = plans_of(service, catalogue, on=on)
    larger = _larger(service, plans, plan)
    assert plans is not None
    quoted = quote(
        _items(service, plans, larger),
        buyer=buyer,
        seller=seller,
        on=on,
        evidence=evidence,
        currency=catalogue.currency,
    )
    return Upgrade(
        service=service,
        before=plans.present.code,
        larger=larger,
        quote=quoted,
        terms=catalogue.terms_of((larger.product,)),
        edition=catalogue.edition,
        on=on,
        language=language_now(),
    )


def _items(service: Service, plans: Plans, larger: Larger) -> list[Item]:
    """
    Return what is charged for the days that are left, and what is credited for them.

    The credit has its sign in the quantity: a net price is never negative (EN 16931, BR-27).
    """
    language = language_now()
    figures = larger.figures
    days = ngettext("%(left)s of %(days)s days", "%(left)s of %(days)s days", figures.left) % {
        "left": figures.left,
        "days": figures.days,
    }
    details = f"{service.name} · {days}"
    charge = Item(
        label=gettext("Change to %(plan)s") % {"plan": larger.product.name.said(language)},
        details=details,
        vat_class=larger.product.vat_class,
        quantity=Decimal(1),
        unit=ONE,
        unit_price=figures.charge.amount,
    )
    credit = replace(
        charge,
        label=gettext("Credit for %(plan)s") % {"plan": plans.present.name.said(language)},
        quantity=Decimal(-1),
        unit_price=figures.credit.amount,
    )
    return [charge, credit] if figures.credit.amount else [charge]


def _larger(service: Service, plans: Plans | None, plan: str) -> Larger:
    found = [each for each in plans.larger if each.product.code == plan] if plans else []
    if not found or service.state != Service.State.ACTIVE:
        raise PlanNotOffered
    return found[0]


@transaction.atomic
def upgrade(
    change: Upgrade, *, account_id: UUID, holder: Party, form: Confirmation, act: Act
) -> Order:
    """
    Order a change to a larger plan; the same form sent again returns the same order.

    :raises services.permissions.NotYours: for roles that may not change it
    :raises PriceMoved: when figures or terms are not those that were shown
    :raises OrderTermsNotAccepted: when its terms are not accepted
    :raises ChangeUnderWay: while another change of it waits
    """
    (service,) = services.lock_services([change.service.pk])
    # Roles are asked for under the lock: a hand-over may have been made while we waited for it.
    _account, roles = concerned([change.service.pk]).get(account_id, (None, set[str]()))
    require(roles, "plan.change")
    # Of the same form in another tab we may have waited for.
    earlier = Order.objects.filter(account_id=account_id, once=form.once).first()
    if earlier is not None:
        return earlier
    if form.seen != change.seen:
        raise PriceMoved
    if change.terms and not form.accepted:
        raise OrderTermsNotAccepted
    services.require_undisputed(service)
    if service.plan != change.before or service.state != Service.State.ACTIVE:
        raise PlanNotOffered
    _require_alone(service)
    return place_change(
        account_id=account_id,
        holder=holder,
        agreed=Agreed(
            change.quote, accepted(change.terms, change.language, change.edition, act.now), form
        ),
        line=_line(change),
        pay_within=min(PAY_WITHIN, _until(service, change.on)),
        act=act,
    )


def _line(change: Upgrade) -> OrderLine:
    service, product = change.service, change.larger.product
    return OrderLine(
        product=product.code,
        family=service.product,
        label=change.quote.lines[0].label[:160],
        name=service.name,
        name_folded=service.name_folded,
        period_months=service.period_months,
        net_minor=change.quote.totals.net.minor,
        period_minor=change.larger.price.amount.rounded().minor,
        parts=len(change.quote.lines),
        kind=CHANGE,
        before=change.before,
        lasting=True,
        withdrawable=product.withdrawal.allowed,
        service=service,
    )


PAY_WITHIN = timedelta(days=7)
"""The figures are those of one day: they may not wait for a month."""


def _until(service: Service, on: date) -> timedelta:
    assert service.expiry_date is not None
    return service.expiry_date - on


def under_way(service: Service) -> Order | None:
    """Return the order of a change of plan that waits to be paid or delivered; None without."""
    open_states = (NOT_PAID, CHECKING, DELIVERING)
    lines = OrderLine.objects.filter(service=service, kind=CHANGE, order__state__in=open_states)
    waiting = lines.select_related("order").first()
    return waiting.order if waiting else None


def _require_alone(service: Service) -> None:
    waiting = under_way(service)
    if waiting is not None:
        raise ChangeUnderWay(number=waiting.number)


def downgrade(
    *, service_id: int, account_id: UUID, plan: str, catalogue: Catalogue, on: date, act: Act
) -> None:
    """
    Wish for a smaller plan from the next renewal on, or (with no ``plan``) take the wish back.

    :raises services.permissions.NotYours: for roles that may not change it
    :raises PlanNotOffered: when it is none it can go down to
    """
    with transaction.atomic():
        (service,) = services.lock_services([service_id])
        if plan:
            plans = plans_of(service, catalogue, on=on)
            smaller = [each.product.code for each in plans.smaller] if plans else []
            if plan not in smaller or service.state != Service.State.ACTIVE:
                raise PlanNotOffered
        plan_next(service, account_id=account_id, plan=plan, act=act)
