"""Many at the same moment: each payment is booked once, nothing goes back twice."""

from functools import partial

import pytest
from django.utils import timezone

from nichandle.commerce.payments import operations, paying
from nichandle.commerce.payments.errors import MoreThanPaid
from nichandle.commerce.payments.models import PaymentTry, ProviderEvent, Refund
from nichandle.commerce.payments.providers import registry, trial, webhooks
from nichandle.commerce.payments.tests.helpers import (
    again,
    euros,
    moved,
    now_act,
    owe,
    receive,
    told,
    work,
)
from tests.support.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 8


def in_tests(owed, *args):
    """Book with an object of this thread's own."""
    receive(again(owed), *args)


def test_one_payment_told_by_many_is_booked_once(customer):
    owed = owe(customer)
    with told() as heard:
        at_once(*[partial(in_tests, owed, 12000, "bank:1") for _ in range(MANY)])

    assert moved(owed) == [("payment", 12000)]
    assert heard == [("settled", owed.cause)]


def test_many_payments_of_one_thing_pay_it_once(customer):
    owed = owe(customer)
    with told() as heard:
        at_once(*[partial(in_tests, owed, 12000, f"bank:{each}") for each in range(MANY)])

    assert [kind for kind, _units in moved(owed)].count("payment") == 1
    assert again(owed).credit_minor == 12000 * (MANY - 1)
    assert heard == [("settled", owed.cause)]


def test_a_webhook_told_by_many_at_once_is_one_row_and_one_payment(customer):
    owed = owe(customer)
    paying.begin(customer.account.pk, [owed.number], provider="test", act=now_act())
    payment = PaymentTry.objects.get()
    payment.note = {"state": "paid"}
    payment.save()
    through, now = registry.PROVIDERS["test"], timezone.now()
    body, signature = trial.webhook(payment, now=now, event="evt-1")

    def hear():
        webhooks.receive(through, body, signature, now=now)
        paying.look(PaymentTry.objects.get(pk=payment.pk), act=now_act())

    with told() as heard:
        at_once(*[hear for _ in range(MANY)])
        work()

    assert ProviderEvent.objects.count() == 1
    assert moved(owed) == [("payment", 12000)]
    assert heard == [("settled", owed.cause)]


def test_asked_by_many_at_once_it_goes_back_once(customer):
    owed = owe(customer)
    receive(owed, 12000)

    def refund():
        operations.refund(owed.cause, euros(12000), reason="", act=now_act())
        return "done"

    outcomes = at_once(*[refund for _ in range(MANY)])

    assert outcomes.count("done") == 1
    assert all(one == "done" or isinstance(one, MoreThanPaid) for one in outcomes)
    assert Refund.objects.filter(receivable=owed).count() == 1


def test_cancelled_while_it_is_paid_the_money_is_paid_or_credit(customer):
    for _round in range(4):
        owed = owe(customer)

        def cancel(cause=owed.cause):
            operations.cancel(cause, now=timezone.now())

        at_once(partial(in_tests, owed, 12000, "bank:1"), cancel)

        after = again(owed)
        assert (after.state, after.paid_minor, after.credit_minor) in {
            ("settled", 12000, 0),
            ("cancelled", 0, 12000),
        }


def test_pressed_by_many_at_once_one_payment_is_begun(customer):
    owed = owe(customer)

    def begin():
        return paying.begin(customer.account.pk, [owed.number], provider="test", act=now_act())

    assert len(set(at_once(*[begin for _ in range(MANY)]))) == 1
    assert PaymentTry.objects.count() == 1


def test_pairs_paid_in_either_order_never_wait_for_each_other(customer):
    first, second = owe(customer, 1000), owe(customer, 2000)
    both = [[first.number, second.number], [second.number, first.number]]

    def pay(numbers):
        paying.begin(customer.account.pk, numbers, provider="test", act=now_act())
        payment = PaymentTry.objects.latest("pk")
        PaymentTry.objects.filter(pk=payment.pk).update(note={"state": "paid"})
        paying.look(payment, act=now_act())

    at_once(*[partial(pay, both[each % 2]) for each in range(MANY)])

    assert [again(each).state for each in (first, second)] == ["settled", "settled"]
