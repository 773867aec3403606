"""
A try to pay: begun at a provider, looked at whenever somebody says that something has happened.

What the provider says when it is asked decides. A payment of several is booked one receivable at a
time, each in a transaction of its own: from the same payment each is paid once, so a process that
dies halfway is made good by the next look.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from nichandle.commerce.payments import references
from nichandle.commerce.payments.book import booking, taking
from nichandle.commerce.payments.book.booking import Source
from nichandle.commerce.payments.errors import (
    CurrenciesDiffer,
    MeansNotOffered,
    NothingToPay,
    ReceivableNotFound,
)
from nichandle.commerce.payments.models import PaymentTry, Receivable, SavedMeans, Saving, Share
from nichandle.commerce.payments.providers import registry, sending
from nichandle.commerce.payments.providers.contract import OPENED_WITHIN, Provider, Seen
from nichandle.commerce.payments.words import BEGUN, DECLINED, OPEN, OVER, PAID, PARTLY, PENDING
from nichandle.platform.jobs.operations import enqueue
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.money import Money

GOOD_FOR = timedelta(minutes=30)
"""A payment that was begun and not finished is gone on with for so long; a double click is one."""
MOST_AT_ONCE = 50
UNDECIDED_FOR = timedelta(days=8)
"""A payment that is undecided for longer is not asked about any more: debits take a week."""
MOST_CAUGHT_UP = 500


def begin(account_id: UUID, numbers: Sequence[str], *, provider: str, act: Act) -> str:
    """
    Begin to pay what an account owes; returns the address the browser goes to.

    Begun again, with the same choice, it is the same payment.

    :raises ReceivableNotFound: also for somebody else's
    :raises NothingToPay: when one of them is paid, cancelled or paid back
    :raises CurrenciesDiffer: when they are not in one currency
    :raises MeansNotOffered: for a means that this installation does not offer
    :raises ProviderDown: when the provider does not answer
    :raises MeansRefuses: when it does not take this payment
    """
    if provider not in registry.offered():
        raise MeansNotOffered
    if provider == registry.TRANSFER:
        return _announce(account_id, numbers, act)
    through = registry.PROVIDERS[provider]
    payment = _prepare(account_id, numbers, provider, act)
    if not payment.address:
        back = f"{settings.BASE_URL}/pay/done/{payment.number}"
        opened = through.open(payment, back=back, now=act.now)
        waiting = PaymentTry.objects.filter(pk=payment.pk, address="")
        waiting.update(address=opened.address, provider_ref=opened.ref)
        payment.refresh_from_db(fields=["address"])
    # A browser is led to another site by a link of ours, never by the answer to a form.
    return payment.address if payment.address.startswith("/") else f"/pay/go/{payment.number}"


@transaction.atomic
def _announce(account_id: UUID, numbers: Sequence[str], act: Act) -> str:
    """Choose the transfer: one carries its own reference, several the one of their payment."""
    chosen = choose(account_id, numbers)
    for owed in chosen:
        owed.announced_at = act.now
        owed.save(update_fields=["announced_at"])
    if len(chosen) == 1:
        return f"/pay/{chosen[0].number}/transfer"
    payment = _going_on(chosen, registry.TRANSFER, act) or write(chosen, registry.TRANSFER, act)
    return f"/pay/{payment.number}/transfer"


@transaction.atomic
def _prepare(account_id: UUID, numbers: Sequence[str], provider: str, act: Act) -> PaymentTry:
    chosen = choose(account_id, numbers)
    return _going_on(chosen, provider, act) or write(chosen, provider, act)


def choose(account_id: UUID, numbers: Sequence[str]) -> list[Receivable]:
    """
    Lock what is to be paid; the account's own, in one order for everybody.

    :raises ReceivableNotFound: also for somebody else's
    :raises NothingToPay: when one of them is paid, cancelled or paid back
    :raises CurrenciesDiffer: when they are not in one currency
    """
    wanted = set(numbers)
    rows = Receivable.objects.filter(account_id=account_id, number__in=wanted).order_by("pk")
    chosen = list(locked(rows))
    if not chosen or len(chosen) != len(wanted) or len(wanted) > MOST_AT_ONCE:
        raise ReceivableNotFound
    if any(not owed.missing_minor for owed in chosen):
        raise NothingToPay
    if len({owed.currency for owed in chosen}) > 1:
        raise CurrenciesDiffer
    return chosen


def _going_on(chosen: Sequence[Receivable], provider: str, act: Act) -> PaymentTry | None:
    """Return the payment that was begun for just this a moment ago."""
    since = act.now - GOOD_FOR
    wanted = {owed.pk: owed.missing_minor for owed in chosen}
    rows = PaymentTry.objects.filter(
        account_id=chosen[0].account_id,
        provider=provider,
        state=BEGUN,
        begun_at__gte=since,
        saved=None,
    )
    if provider != registry.TRANSFER:
        # Nobody opened these; by now the provider may refuse what is too near its end.
        rows = rows.exclude(address="", begun_at__lt=act.now - OPENED_WITHIN)
    for payment in rows.order_by("-pk")[:10]:
        shares = Share.objects.filter(payment=payment).values_list("receivable", "amount_minor")
        if dict(shares) == wanted:
            return payment
    return None


def write(
    chosen: Sequence[Receivable],
    provider: str,
    act: Act,
    *,
    saved: SavedMeans | None = None,
    key: str | None = None,
) -> PaymentTry:
    """Write a payment of all that is missing; the caller holds the rows."""
    payment = PaymentTry.objects.create(
        number=references.draw(taken),
        account_id=chosen[0].account_id,
        provider=provider,
        currency=chosen[0].currency,
        amount_minor=sum(owed.missing_minor for owed in chosen),
        saved=saved,
        key=key,
        begun_at=act.now,
    )
    Share.objects.bulk_create(
        Share(payment=payment, receivable=owed, amount_minor=owed.missing_minor) for owed in chosen
    )
    return payment


def taken(number: str) -> bool:
    """Tell whether a number is in use: of all kinds, so that a reference finds one thing."""
    return (
        Receivable.objects.filter(number=number).exists()
        or PaymentTry.objects.filter(number=number).exists()
        or Saving.objects.filter(number=number).exists()
    )


def look_at(provider: str, ref: str, *, act: Act) -> None:
    """
    Look at the payment that something at a provider belongs to; nothing, when it is none of ours.

    :raises ProviderDown: when it does not answer
    """
    through = registry.provider(provider)
    number = through.number_of(ref) if through else ""
    payment = PaymentTry.objects.filter(number=number, provider=provider).first()
    if payment is not None:
        look(payment, act=act)
        sending.look_again(payment, act=act)


def look(payment: PaymentTry, *, act: Act) -> None:
    """
    Ask the provider what became of a payment, and book what it says; asked again, booked once.

    :raises ProviderDown: when it does not answer
    """
    through = registry.provider(payment.provider)
    if through is not None:
        book(payment, through.look(payment, now=act.now), through, act=act)


def have_looked_at(payment: PaymentTry, *, now: datetime) -> None:
    """Have the worker look at a payment soon, without waiting for its provider to tell."""
    work = {"provider": payment.provider, "ref": payment.number}
    enqueue("payments.look", work, now=now, unique_key=f"payments.look {payment.number}")


def catch_up(*, now: datetime) -> None:
    """Have what is still undecided looked at, in case that a provider's word was lost."""
    rows = PaymentTry.objects.filter(
        state__in=[BEGUN, PENDING], begun_at__gt=now - UNDECIDED_FOR, begun_at__lte=now - GOOD_FOR
    )
    asked = rows.exclude(provider_ref="", saved=None)
    for payment in asked.order_by("pk")[:MOST_CAUGHT_UP]:
        have_looked_at(payment, now=now)


def close_beside(receivable_id: int, *, act: Act) -> None:
    """
    Close the pages on which something could be paid that is paid, or not owed any more.

    What was paid there all the same is booked, and is the account's credit.

    :raises ProviderDown: when a provider does not answer; the worker tries again
    """
    owed = Receivable.objects.get(pk=receivable_id)
    if payable(owed):
        return
    for payment in booking.open_beside(owed):
        if through := registry.provider(payment.provider):
            through.close(payment)
            look(payment, act=act)


def book(payment: PaymentTry, seen: Seen, through: Provider, *, act: Act) -> None:
    """Book what a provider says of a payment."""
    if seen.state == PAID and seen.amount is not None:
        source = Source(through.name, f"{through.name}:{payment.number}")
        _book(payment, seen.amount, source, booking.receive, act=act)
    for name, amount in seen.taken_back.items():
        source = Source(through.name, f"{through.name}:{payment.number}:taken:{name}")
        _book(payment, amount, source, taking.take_back, act=act)
    for name, amount in seen.given_again.items():
        source = Source(through.name, f"{through.name}:{payment.number}:again:{name}")
        _book(payment, amount, source, _give_again, act=act)
    ended_at = act.now if seen.state in {PAID, DECLINED, OVER} else None
    rows = PaymentTry.objects.filter(pk=payment.pk).exclude(state=PAID)
    rows.update(state=seen.state, reason=seen.reason[:100], ended_at=ended_at)


def _book(
    payment: PaymentTry, amount: Money, source: Source, write: booking.Write, *, act: Act
) -> None:
    for receivable_id, part in _parts(payment, amount):
        with transaction.atomic():
            write(booking.lock_by_id(receivable_id), part, source, act=act)


def _give_again(owed: Receivable, amount: Money, source: Source, *, act: Act) -> None:
    sending.hand_on(taking.give_again(owed, amount, source, act=act), act=act)


def _parts(payment: PaymentTry, amount: Money) -> Iterator[tuple[int, Money]]:
    """Split an amount over what the payment is for; what is beyond goes to the last."""
    shares = list(Share.objects.filter(payment=payment).order_by("receivable"))
    left = amount.minor
    for share in shares:
        last = share is shares[-1]
        part = left if last else min(left, share.amount_minor)
        left -= part
        if part > 0:
            yield share.receivable_id, Money.of_minor(part, amount.currency)


def still_waiting(payment: PaymentTry) -> bool:
    """Tell whether a payment has not been decided yet."""
    return payment.state in {BEGUN, PENDING}


def payable(owed: Receivable) -> bool:
    """Tell whether something can be paid on it."""
    return owed.state in {OPEN, PARTLY}
