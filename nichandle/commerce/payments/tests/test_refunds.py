"""Refunds by the means of payment: sent once, and by hand where a provider will not."""

import pytest
from django.utils import timezone

from nichandle.commerce.payments import operations, paying
from nichandle.commerce.payments.models import PaymentTry, Refund
from nichandle.commerce.payments.providers import sending, trial
from nichandle.commerce.payments.providers.contract import ProviderDown, SentBack
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

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(customer):
    """Something that was paid through the test provider."""
    owed = owe(customer)
    paying.begin(customer.account.pk, [owed.number], provider="test", act=now_act())
    payment = PaymentTry.objects.get()
    payment.note = {"state": "paid"}
    payment.save()
    paying.look(payment, act=now_act())
    return again(owed)


def refund(owed, cents=12000):
    operations.refund(owed.cause, euros(cents), reason="withdrawn", act=now_act())
    return Refund.objects.latest("pk")


def test_it_goes_back_through_the_provider_by_the_worker(paid):
    asked = refund(paid)
    assert asked.state == "waiting"
    with told() as heard:
        work()
        sending.send(asked.pk, act=now_act())

    assert heard == [("refunded", paid.cause)]
    assert again(paid).state == "refunded"
    assert moved(paid)[-1] == ("refund", 12000)


def test_parts_go_back_one_after_another(paid):
    refund(paid, 5000)
    refund(paid, 7000)
    with told() as heard:
        work()

    assert heard == [("refunded", paid.cause)] * 2
    assert again(paid).state == "refunded"


def test_what_came_by_transfer_is_sent_by_hand(customer):
    owed = owe(customer)
    receive(owed, 12000)
    asked = refund(owed)
    work()

    asked.refresh_from_db()
    assert asked.state == "by_hand"


def test_what_the_provider_refuses_is_sent_by_hand(paid):
    payment = PaymentTry.objects.get()
    payment.note = {"state": "paid", "disputes": {"1": 12000}}
    payment.save()
    asked = refund(paid)
    work()

    asked.refresh_from_db()
    assert (asked.state, asked.trouble) == ("by_hand", "the payment is in dispute")
    assert again(paid).refunded_minor == 0


def test_a_provider_that_does_not_answer_is_asked_again(paid, monkeypatch):
    def down(*_args):
        raise ProviderDown

    asked = refund(paid)
    monkeypatch.setattr(trial.Trial, "send_back", down)
    with pytest.raises(ProviderDown):
        sending.send(asked.pk, act=now_act())
    asked.refresh_from_db()
    assert asked.state == "waiting"
    monkeypatch.undo()
    work()

    assert again(paid).state == "refunded"


def test_what_is_on_its_way_is_looked_at_again(paid, monkeypatch):
    answers = [SentBack("re_1", done=False), SentBack("re_1", done=True)]
    asked = refund(paid)
    monkeypatch.setattr(trial.Trial, "send_back", lambda *_args: answers.pop(0))
    with told() as heard:
        work()
        asked.refresh_from_db()
        assert (asked.state, heard) == ("sent", [])
        work(timezone.now() + sending.LOOKED_AGAIN)

    assert heard == [("refunded", paid.cause)]


def test_without_its_provider_it_is_sent_by_hand(paid, settings):
    asked = refund(paid)
    settings.DEMO = False
    sending.send(asked.pk, act=now_act())

    asked.refresh_from_db()
    assert asked.state == "by_hand"
