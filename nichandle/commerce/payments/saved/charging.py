"""
Paying with a saved means: at once when its holder is there, by itself when nobody is.

Never twice: what is owed is locked while a payment for it is begun, one that is undecided is gone
on with instead of begun beside, and the provider takes one payment once, however often it is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db import transaction

from nichandle.commerce.payments import paying
from nichandle.commerce.payments.errors import (
    BeingConfirmed,
    MeansNotOffered,
    NoSavedMeans,
    ReceivableNotFound,
)
from nichandle.commerce.payments.models import PaymentTry, Receivable, SavedMeans, Share
from nichandle.commerce.payments.providers import registry
from nichandle.commerce.payments.providers.contract import ProviderDown
from nichandle.commerce.payments.saved import keeping
from nichandle.commerce.payments.words import BEGUN, DECLINED, OVER, PAID, PENDING
from nichandle.platform.kernel.act import Act

ASKS_HOLDER = "authentication_required"
"""The reason of a decline that its holder can lift by being there (PSD2, strong authentication)."""


@dataclass(frozen=True, slots=True)
class ChargeOutcome:
    """
    What became of a payment that nobody was there for.

    ``pending`` is decided later, and asked again under the same key it says so then; to
    ``needs_customer`` the holder has to pay it on its page.
    """

    state: Literal["paid", "pending", "declined", "needs_customer"]
    payment: str
    reason: str = ""


def pay(account_id: UUID, numbers: Sequence[str], *, saved_id: int, act: Act) -> str:
    """
    Pay what an account owes with a means it has saved; returns the page that says how it went.

    :raises ReceivableNotFound: also for somebody else's
    :raises NothingToPay: when one of them is paid, cancelled or paid back
    :raises CurrenciesDiffer: when they are not in one currency
    :raises MeansNotOffered: for another's means, a removed or an expired one
    :raises BeingConfirmed: when another payment of one of them is undecided
    """
    payment = _prepare(account_id, numbers, saved_id, act)
    payment = _take(payment, f"{settings.BASE_URL}/pay/done/{payment.number}", act)
    if payment.state == BEGUN and payment.address:
        external = not payment.address.startswith("/")
        return f"/pay/go/{payment.number}" if external else payment.address
    return f"/pay/done/{payment.number}"


def charge(cause: str, *, key: str, act: Act) -> ChargeOutcome:
    """
    Pay what is owed for a cause with the account's usual means, while nobody is there.

    Asked again with the same ``key``, it is the same payment, and its outcome of now.

    :raises ReceivableNotFound: when nothing is owed for the cause
    :raises NothingToPay: when it is paid, cancelled or paid back
    :raises NoSavedMeans: when the account has none that can be charged
    :raises BeingConfirmed: when another payment of it is undecided
    """
    payment = PaymentTry.objects.filter(key=key).first() or _prepare_alone(cause, key, act)
    if payment.state in {BEGUN, PENDING}:
        payment = _take(payment, "", act) if payment.state == BEGUN else _looked_at(payment, act)
    return _outcome(payment)


@transaction.atomic
def _prepare(account_id: UUID, numbers: Sequence[str], saved_id: int, act: Act) -> PaymentTry:
    chosen = paying.choose(account_id, numbers)
    usable = {each.pk: each for each in keeping.usable(account_id, act.now.date())}
    if saved_id not in usable:
        raise MeansNotOffered
    return _going_on(chosen, usable[saved_id], act) or paying.write(
        chosen, usable[saved_id].provider, act, saved=usable[saved_id]
    )


@transaction.atomic
def _prepare_alone(cause: str, key: str, act: Act) -> PaymentTry:
    owed = Receivable.objects.filter(cause=cause).first()
    if owed is None:
        raise ReceivableNotFound
    chosen = paying.choose(owed.account_id, [owed.number])
    if found := PaymentTry.objects.filter(key=key).first():
        return found
    usable = keeping.usable(owed.account_id, act.now.date())
    if not usable:
        raise NoSavedMeans
    if _undecided(chosen, act):
        raise BeingConfirmed
    return paying.write(chosen, usable[0].provider, act, saved=usable[0], key=key)


def _going_on(chosen: Sequence[Receivable], saved: SavedMeans, act: Act) -> PaymentTry | None:
    """Return the payment that was begun for just this, by another click or in another tab."""
    wanted = {owed.pk: owed.missing_minor for owed in chosen}
    for payment in _undecided(chosen, act):
        shares = Share.objects.filter(payment=payment).values_list("receivable", "amount_minor")
        if payment.saved_id != saved.pk or payment.key or dict(shares) != wanted:
            raise BeingConfirmed
        return payment
    return None


def _undecided(chosen: Sequence[Receivable], act: Act) -> list[PaymentTry]:
    """Return payments that may still take the money with nobody pressing anything more."""
    shares = Share.objects.filter(receivable__in=chosen).values("payment")
    rows = PaymentTry.objects.filter(pk__in=shares, begun_at__gt=act.now - paying.UNDECIDED_FOR)
    late = rows.filter(state=PENDING)
    fresh = rows.filter(state=BEGUN, saved__isnull=False, begun_at__gte=act.now - paying.GOOD_FOR)
    return list((late | fresh).order_by("pk"))


def _take(payment: PaymentTry, back: str, act: Act) -> PaymentTry:
    vault, through = registry.vault(payment.provider), registry.provider(payment.provider)
    if vault is None or through is None:
        raise MeansNotOffered
    try:
        customer = keeping.customer_of(payment.account_id, "", payment.provider)
        charged = vault.charge(payment, customer=customer, back=back, now=act.now)
        rows = PaymentTry.objects.filter(pk=payment.pk)
        rows.update(provider_ref=charged.ref, address=charged.address)
        paying.book(payment, charged.seen, through, act=act)
    except ProviderDown:
        # It may have been taken: only a look can tell.
        paying.have_looked_at(payment, now=act.now)
    payment.refresh_from_db()
    return payment


def _looked_at(payment: PaymentTry, act: Act) -> PaymentTry:
    try:
        paying.look(payment, act=act)
    except ProviderDown:
        paying.have_looked_at(payment, now=act.now)
    payment.refresh_from_db()
    return payment


def _outcome(payment: PaymentTry) -> ChargeOutcome:
    if payment.state == PAID:
        return ChargeOutcome("paid", payment.number)
    if payment.state not in {DECLINED, OVER}:
        needs = payment.state == BEGUN and payment.address
        return ChargeOutcome("needs_customer" if needs else "pending", payment.number)
    asks = payment.reason == ASKS_HOLDER
    return ChargeOutcome("needs_customer" if asks else "declined", payment.number, payment.reason)
