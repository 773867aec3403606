"""Refunds by the means of payment: sent once, and by hand where a provider will not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.commerce.payments import operations, paying
from nichandle.commerce.payments.jobs import catch_up
from nichandle.commerce.payments.models import PaymentTry, Refund
from nichandle.commerce.payments.providers import registry, sending, trial
from nichandle.commerce.payments.providers.contract import (
    ProviderDown,
    RefundRefused,
    Seen,
    SentBack,
)
from nichandle.commerce.payments.tests.helpers import (
    again,
    euros,
    give_again,
    moved,
    now_act,
    owe,
    receive,
    take_back,
    told,
    work,
)
from nichandle.platform.audit import queries as ledger
from nichandle.platform.jobs.models import Job

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


def test_what_the_provider_refuses_is_sent_by_hand(paid, monkeypatch):
    def no(*_args):
        raise RefundRefused("expired_or_canceled_card")

    monkeypatch.setattr(trial.Trial, "send_back", no)
    asked = refund(paid)
    work()

    asked.refresh_from_db()
    assert (asked.state, asked.trouble) == ("by_hand", "expired_or_canceled_card")
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


# Money that a bank takes back while it was to go back.


def note(**told):
    """Let the test provider know something of the payment."""
    payment = PaymentTry.objects.get()
    payment.note |= told
    payment.save()
    return payment


def acts(person):
    return [entry.act for entry in ledger.entries_of(person.account.pk).rows]


@pytest.mark.parametrize("seen_first", [True, False])
def test_what_a_dispute_has_taken_is_not_sent_by_hand_as_well(paid, customer, seen_first):
    asked = refund(paid)
    payment = note(disputes={"1": 12000})
    if seen_first:
        paying.look(payment, act=now_act())
    with told() as heard:
        work()
        paying.look(payment, act=now_act())

    asked.refresh_from_db()
    assert (asked.state, asked.trouble) == ("void", "the payment is in dispute")
    assert again(paid).state == "open"
    assert heard == [("unsettled", paid.cause)]
    assert "payment.refund_void" in acts(customer)


def test_of_a_part_that_was_taken_the_rest_is_still_to_go_back(paid):
    refund(paid)
    paying.look(note(disputes={"1": 5000}), act=now_act())
    work()

    kept = Refund.objects.exclude(state="void").get()
    assert (kept.state, kept.amount_minor) == ("by_hand", 7000)
    assert (again(paid).paid_minor, again(paid).refunding_minor) == (7000, 7000)


def test_what_is_given_again_is_promised_again_and_leaves_once(paid):
    asked = refund(paid, 5000)
    payment = note(disputes={"1": 12000})
    work()
    paying.look(payment, act=now_act())
    asked.refresh_from_db()
    assert asked.state == "void"
    note(disputes={})
    for _time in range(2):
        give_again(paid, 12000, f"test:{payment.number}:again:1")
    asked.refresh_from_db()
    assert (again(paid).state, again(paid).refunding_minor) == ("settled", 5000)
    assert (asked.state, asked.amount_minor) == ("by_hand", 5000)


def test_what_is_given_again_after_the_end_goes_back_of_the_credit(paid):
    asked = refund(paid)
    payment = note(disputes={"1": 12000})
    work()
    paying.look(payment, act=now_act())
    operations.cancel(paid.cause, now=timezone.now())
    give_again(paid, 12000, f"test:{payment.number}:again:1")
    asked.refresh_from_db()

    assert (asked.state, asked.credit) == ("by_hand", True)
    assert again(paid).credit_minor == 0


def test_a_loss_that_is_given_again_is_made_good_and_is_nobody_s_credit(paid):
    refund(paid)
    work()
    payment = PaymentTry.objects.get()
    take_back(paid, 12000, f"test:{payment.number}:taken:1", "test")
    assert moved(paid)[-1] == ("loss", 12000)
    give_again(paid, 12000, f"test:{payment.number}:again:1")

    assert moved(paid)[-1] == ("regained", 12000)
    assert again(paid).credit_minor == 0


def test_a_provider_that_gives_again_is_asked_to_send_again(paid, monkeypatch):
    asked = refund(paid)
    payment = note(disputes={"1": 12000})
    work()
    paying.look(payment, act=now_act())
    note(disputes={})
    amount = euros(12000)
    won = Seen("paid", amount, taken_back={"1": amount}, given_again={"1": amount})
    with told() as heard:
        paying.book(payment, won, registry.PROVIDERS["test"], act=now_act())
        asked.refresh_from_db()
        assert asked.state == "waiting"
        work()
        paying.book(payment, won, registry.PROVIDERS["test"], act=now_act())

    assert [name for name, _cause in heard] == ["settled", "refunded"]
    assert again(paid).state == "refunded"


def test_what_a_cancellation_sets_free_stands_in_the_ledger(customer):
    owed = owe(customer)
    receive(owed, 5000)
    operations.cancel(owed.cause, now=timezone.now())

    assert acts(customer)[0] == "payment.released"


# Jobs that were given up.


@pytest.mark.parametrize("state", ["waiting", "sent"])
def test_a_refund_whose_job_was_given_up_is_asked_for_again(paid, state):
    asked = refund(paid)
    Refund.objects.update(state=state)
    Job.objects.filter(name="payments.refund").update(state=Job.State.DEAD)
    later = timezone.now() + sending.OVERDUE
    catch_up(now=later - timedelta(minutes=1))
    work(later)
    assert again(paid).state == "settled"
    for _time in range(2):
        catch_up(now=later)
    assert Job.objects.filter(name="payments.refund", state=Job.State.READY).count() == 1
    work(later)

    asked.refresh_from_db()
    assert asked.state == "done"
    assert again(paid).state == "refunded"


def test_what_waits_for_people_is_left_to_them(customer):
    owed = owe(customer)
    receive(owed, 12000)
    refund(owed)
    catch_up(now=timezone.now() + sending.OVERDUE)

    assert not Job.objects.exists()
