"""What is owed, and the money that comes for it and goes back."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from stdnum import iso11649

from nichandle.commerce.payments import operations, queries, references
from nichandle.commerce.payments.errors import AmountBelowPaid, MoreThanPaid, ReceivableNotFound
from nichandle.commerce.payments.models import Receivable, Refund
from nichandle.commerce.payments.tests.helpers import (
    again,
    euros,
    leave,
    moved,
    now_act,
    owe,
    receive,
    take_back,
    told,
)
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel.money import CurrencyMismatch

pytestmark = pytest.mark.django_db


def test_what_is_asked_twice_for_one_cause_is_owed_once(customer):
    first = owe(customer, 12000, cause="order:C1")
    second = owe(customer, 99900, cause="order:C1")

    assert first == second
    assert again(first).amount_minor == 12000


def test_its_reference_is_one_that_banks_can_judge(customer):
    owed = owe(customer)

    assert iso11649.is_valid(owed.reference)
    assert queries.reference_of(owed.cause) == owed.reference
    assert references.number_of(references.shown(owed.reference).lower()) == owed.number
    assert references.found_in(f"order {references.shown(owed.reference)}, merci") == [owed.number]


def test_one_wrong_digit_is_no_reference(customer):
    reference = owe(customer).reference
    wrong = reference[:-1] + str((int(reference[-1]) + 1) % 10)

    assert references.number_of(wrong) == ""
    assert references.found_in(wrong) == []


def test_paid_in_full_it_is_settled_and_told_once(customer):
    owed = owe(customer)
    with told() as heard:
        receive(owed, 12000)
        receive(owed, 12000)

    assert owed.state == "settled"
    assert moved(owed) == [("payment", 12000)]
    assert heard == [("settled", owed.cause)]
    assert queries.means_of(owed.cause) == "transfer"
    assert next(entry.act for entry in ledger.entries_of(customer.account.pk).rows) == (
        "payment.received"
    )


def test_paid_in_parts_it_is_settled_with_the_last(customer):
    owed = owe(customer)
    with told() as heard:
        receive(owed, 5000, "bank:1")
        assert owed.state == "partly"
        assert owed.missing == euros(7000)
        receive(owed, 7000, "bank:2")

    assert owed.state == "settled"
    assert heard == [("settled", owed.cause)]


def test_what_comes_beyond_is_credit(customer):
    owed = owe(customer)
    with told() as heard:
        receive(owed, 12500, "bank:1")
        receive(owed, 12000, "stripe:1")

    assert moved(owed) == [("payment", 12000), ("excess", 500), ("excess", 12000)]
    assert owed.credit_minor == 12500
    assert heard == [("settled", owed.cause)]


def test_what_comes_after_the_cancellation_is_credit(customer):
    owed = owe(customer)
    operations.cancel(owed.cause, now=timezone.now())
    with told() as heard:
        receive(owed, 12000)

    assert owed.state == "cancelled"
    assert owed.credit_minor == 12000
    assert heard == []


def test_a_part_that_was_paid_is_credit_after_the_cancellation(customer):
    owed = owe(customer)
    receive(owed, 5000)
    operations.cancel(owed.cause, now=timezone.now())
    owed.refresh_from_db()

    assert (owed.state, owed.paid_minor, owed.credit_minor) == ("cancelled", 0, 5000)
    assert moved(owed) == [("payment", 5000), ("released", 5000)]


def test_what_is_paid_is_not_cancelled(customer):
    owed = owe(customer)
    receive(owed, 12000)
    operations.cancel(owed.cause, now=timezone.now())

    assert again(owed).state == "settled"


def test_money_in_another_currency_is_a_bug_and_changes_nothing(customer):
    owed = owe(customer)
    with pytest.raises(CurrencyMismatch):
        receive(owed, 12000, currency="CHF")

    assert moved(owed) == []


def test_a_chargeback_unsettles_once_and_paid_again_it_is_settled_again(customer):
    owed = owe(customer)
    with told() as heard:
        receive(owed, 12000, "stripe:1")
        take_back(owed, 12000, "stripe:dispute")
        take_back(owed, 12000, "stripe:dispute")
        assert owed.state == "open"
        receive(owed, 12000, "bank:7")

    assert heard == [(name, owed.cause) for name in ("settled", "unsettled", "settled")]
    assert owed.state == "settled"


def test_taken_back_after_it_was_paid_back_it_is_a_loss(customer):
    owed = owe(customer)
    receive(owed, 12000)
    operations.refund(owed.cause, euros(12000), reason="withdrawn", act=now_act())
    leave(owed.refunds.get())
    take_back(owed, 12000)

    assert moved(owed)[-1] == ("loss", 12000)
    assert again(owed).paid_minor == 12000


def test_taken_back_before_people_have_sent_it_it_is_sent_no_more(customer):
    owed = owe(customer)
    receive(owed, 12000)
    operations.refund(owed.cause, euros(12000), reason="withdrawn", act=now_act())
    take_back(owed, 12000)

    assert moved(owed)[-1] == ("chargeback", 12000)
    assert owed.refunds.get().state == "void"
    assert queries.refunds_by_hand() == []
    assert (again(owed).state, again(owed).refunding_minor) == ("open", 0)


def test_what_is_missing_after_a_part_went_back_and_all_was_taken_back_is_to_be_paid(customer):
    owed = owe(customer)
    receive(owed, 12000)
    operations.refund(owed.cause, euros(2000), reason="withdrawn", act=now_act())
    leave(Refund.objects.get())
    take_back(owed, 12000)

    assert (again(owed).state, again(owed).missing) == ("partly", euros(10000))
    receive(owed, 10000, source="bank:2")
    assert again(owed).state == "settled"


def test_a_refund_is_told_when_the_money_has_left(customer):
    owed = owe(customer)
    receive(owed, 12000)
    with told() as heard:
        operations.refund(owed.cause, euros(12000), reason="withdrawn", act=now_act())
        assert heard == []
        refund = Refund.objects.get(receivable=owed)
        leave(refund)
        leave(refund)

    assert heard == [("refunded", owed.cause)]
    assert again(owed).state == "refunded"
    assert moved(owed) == [("payment", 12000), ("refund", 12000)]


def test_no_more_goes_back_than_was_paid(customer):
    owed = owe(customer)
    receive(owed, 12000)
    operations.refund(owed.cause, euros(7000), reason="", act=now_act())
    for cents in (5001, 0, -1):
        with pytest.raises(MoreThanPaid):
            operations.refund(owed.cause, euros(cents), reason="", act=now_act())

    assert again(owed).refunding_minor == 7000


def test_a_refund_goes_back_by_the_means_the_money_came_with_newest_first(customer):
    owed = owe(customer)
    receive(owed, 5000, "bank:1", "transfer")
    receive(owed, 7000, "stripe:1", "stripe")
    operations.refund(owed.cause, euros(8000), reason="", act=now_act())

    parts = Refund.objects.filter(receivable=owed).order_by("pk")
    assert [(each.movement.means, each.amount_minor) for each in parts] == [
        ("stripe", 7000),
        ("transfer", 1000),
    ]


def test_credit_goes_back_once(customer):
    owed = owe(customer)
    receive(owed, 12500)
    operations.give_back_credit(owed.pk, act=now_act())
    with pytest.raises(MoreThanPaid):
        operations.give_back_credit(owed.pk, act=now_act())
    refund = Refund.objects.get(receivable=owed)
    leave(refund)

    assert refund.amount == euros(500)
    assert moved(owed)[-1] == ("returned", 500)
    assert again(owed).state == "settled"


def test_the_amount_may_change_but_not_below_what_is_paid(customer):
    owed = owe(customer)
    receive(owed, 5000)
    with pytest.raises(AmountBelowPaid):
        operations.change_amount(owed.cause, euros(4999), now=timezone.now())
    with told() as heard:
        operations.change_amount(owed.cause, euros(5000), now=timezone.now())

    assert heard == [("settled", owed.cause)]
    with pytest.raises(ReceivableNotFound):
        operations.change_amount(owed.cause, euros(6000), now=timezone.now())


@pytest.mark.parametrize(
    "wrong",
    [
        {"paid_minor": 12001},
        {"paid_minor": -1},
        {"paid_minor": 12000},
        {"state": "settled"},
        {"refunded_minor": 1},
        {"credit_minor": -1},
        {"state": "strange"},
    ],
    ids=str,
)
def test_the_database_itself_refuses_sums_that_cannot_be(customer, wrong):
    owed = owe(customer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Receivable.objects.filter(pk=owed.pk).update(**wrong)
