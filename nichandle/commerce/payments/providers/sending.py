"""
Refunds on their way: through the provider the money came by, or by hand.

The worker asks the provider, each time with the same key, so that asking again sends nothing again.
What the provider will not send, customer service does, unless a bank took the money back meanwhile.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from nichandle.commerce.payments.book import booking, refunds, taking
from nichandle.commerce.payments.models import PaymentTry, Refund
from nichandle.commerce.payments.providers import registry
from nichandle.commerce.payments.providers.contract import RefundRefused, SentBack
from nichandle.commerce.payments.words import DONE, SENT, WAITING
from nichandle.platform.jobs.operations import enqueue
from nichandle.platform.kernel.act import Act

LOOKED_AGAIN = timedelta(hours=1)
"""When a refund that is on its way at the provider is asked for again."""
OVERDUE = timedelta(minutes=30)
"""A refund that has not left after so long may have lost its job."""
MOST_CAUGHT_UP = 500


def hand_on(written: Iterable[Refund], *, act: Act) -> None:
    """Have the worker send what a provider can; the rest stays for people."""
    for refund in written:
        if payment_of(refund) is not None and registry.provider(refund.movement.means):
            Refund.objects.filter(pk=refund.pk).update(state=WAITING)
            _have_sent(refund.pk, now=act.now)


def catch_up(*, now: datetime) -> None:
    """Have the worker ask again for what has not left, in case that its job was given up."""
    rows = Refund.objects.filter(state__in=[WAITING, SENT], asked_at__lte=now - OVERDUE)
    for refund_id in rows.order_by("pk").values_list("pk", flat=True)[:MOST_CAUGHT_UP]:
        _have_sent(refund_id, now=now)


def payment_of(refund: Refund) -> PaymentTry | None:
    """Return the payment whose money a refund sends back; None for what came by transfer."""
    means, _colon, rest = refund.movement.source.partition(":")
    number = rest.partition(":")[0]
    return PaymentTry.objects.filter(number=number, provider=means).first()


def send(refund_id: int, *, act: Act) -> None:
    """
    Ask the provider to send a refund, or what became of it.

    :raises ProviderDown: when it does not answer; the worker tries again
    """
    rows = Refund.objects.filter(pk=refund_id, state__in=[WAITING, SENT])
    refund = rows.select_related("movement", "receivable").first()
    payment = payment_of(refund) if refund else None
    through = registry.provider(payment.provider) if payment else None
    if refund is None or payment is None:
        return
    if through is None:
        _by_hand(refund, "the provider is not set up here any more", act)
        return
    try:
        sent = through.send_back(refund, payment)
    except RefundRefused as reason:
        _by_hand(refund, str(reason), act)
        return
    _note(refund, sent, act)


def look_again(payment: PaymentTry, *, act: Act) -> None:
    """
    Ask whether refunds of a payment that had left came back: a provider may say so days later.

    :raises ProviderDown: when it does not answer
    """
    through = registry.provider(payment.provider)
    rows = Refund.objects.filter(receivable__in=payment.shares.values("receivable"), state=DONE)
    for refund in rows.exclude(provider_ref="").select_related("movement").order_by("pk"):
        if through is None or payment_of(refund) != payment:
            continue
        if why := through.failure(refund):
            with transaction.atomic():
                owed = booking.lock_by_id(refund.receivable_id)
                taking.come_back(owed, refund.pk, why, act=act)


def _note(refund: Refund, sent: SentBack, act: Act) -> None:
    if sent.done:
        with transaction.atomic():
            owed = booking.lock_by_id(refund.receivable_id)
            Refund.objects.filter(pk=refund.pk).exclude(state=DONE).update(provider_ref=sent.ref)
            refunds.complete(owed, refund.pk, act=act)
        return
    rows = Refund.objects.filter(pk=refund.pk, state__in=[WAITING, SENT])
    rows.update(state=SENT, provider_ref=sent.ref)
    _have_sent(refund.pk, now=act.now, at=act.now + LOOKED_AGAIN)


def _have_sent(refund_id: int, *, now: datetime, at: datetime | None = None) -> None:
    key = f"payments.refund {refund_id}"
    enqueue("payments.refund", {"refund": refund_id}, now=now, run_at=at, unique_key=key)


@transaction.atomic
def _by_hand(refund: Refund, why: str, act: Act) -> None:
    taking.refuse(booking.lock_by_id(refund.receivable_id), refund.pk, why, act=act)
    if payment := payment_of(refund):
        # A dispute is the usual reason, and may not have been seen yet.
        work = {"provider": payment.provider, "ref": payment.number}
        enqueue("payments.look", work, now=act.now, unique_key=f"payments.look {payment.number}")
