"""The life of an order: paid, checked, delivered, cancelled, each once, whatever comes twice."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from nichandle.commerce.orders.lifecycle import ending, paying
from nichandle.commerce.orders.models import Order, OrderEvent, OrderLine
from nichandle.commerce.orders.months import months_later
from nichandle.commerce.orders.tests.goods import euros, order, wanted
from nichandle.commerce.orders.tests.living import again, bounce, cancel, deliver, pay, send_back
from nichandle.commerce.payments.queries import of_cause
from nichandle.commerce.services.models import Service
from nichandle.platform.audit.models import Entry
from nichandle.platform.kernel.act import Act
from tests.support.post import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def act(now, origin):
    return Act(origin, now)


def acts_of(order: Order) -> list[str]:
    return list(OrderEvent.objects.filter(order=order).order_by("pk").values_list("act", flat=True))


def test_what_is_paid_is_delivered_and_becomes_services(customer, act, post):
    placed = order(
        customer, wanted("start", "mercier.example"), wanted("advice", months=1), act=act
    )

    paid = pay(placed)
    assert paid.state == "checking"
    assert not Service.objects.exists()

    done = deliver(placed)

    assert done.state == "delivered"
    (service,) = Service.objects.all()
    assert (service.name, service.product, service.state) == (
        "mercier.example",
        "hosting",
        "active",
    )
    today = timezone.localdate(timezone=ZoneInfo(settings.NICHANDLE_TIME_ZONE))
    assert service.expiry_date == months_later(today, 12)
    assert {role.account_id for role in service.roles.all()} == {customer.account.pk}
    advice = OrderLine.objects.get(order=placed, product="advice")
    assert (advice.service_id, advice.delivery) == (None, "done")
    assert acts_of(placed) == [
        "ordered",
        "paid",
        "delivering",
        "line_delivered",
        "line_delivered",
        "delivered",
    ]
    mail = post.last_to(customer.email)
    assert mail["Subject"] == f"[{customer.handle}] Order {placed.number} is delivered"
    assert "mercier.example" in text_of(mail)
    ledger = Entry.objects.filter(account_id=customer.account.pk).values_list("act", flat=True)
    assert {"order.placed", "order.paid", "order.delivered", "service.created"} <= set(ledger)


def test_part_of_the_money_delivers_nothing(customer, act):
    placed = order(customer, act=act)

    assert pay(placed, placed.gross_minor - 1).state == "notPaid"
    deliver(placed)
    assert not Service.objects.exists()
    assert pay(placed, 1, source="bank:2").state == "checking"


def test_money_that_comes_twice_delivers_once(customer, act):
    placed = order(customer, act=act)

    pay(placed)
    pay(placed)
    pay(placed, source="bank:2")
    deliver(placed)
    paying.paid(placed.cause, act=act)

    assert deliver(placed).state == "delivered"
    assert Service.objects.count() == 1
    assert acts_of(placed).count("paid") == 1
    assert of_cause(placed.cause).credit == placed.gross


def test_an_order_is_cancelled_by_its_customer_until_it_is_paid(customer, act, post):
    placed = order(customer, act=act)

    assert cancel(placed).state == "cancelled"
    assert cancel(placed).reason == "customer"
    assert of_cause(placed.cause).state == "cancelled"
    assert "Nothing is to be paid" in text_of(post.last_to(customer.email))
    late = pay(placed)
    assert late.state == "cancelled"
    assert of_cause(placed.cause).credit == placed.gross
    deliver(placed)
    assert not Service.objects.exists()


def test_a_paid_order_is_not_cancelled(customer, act):
    placed = order(customer, act=act)
    pay(placed)

    with pytest.raises(ending.CannotCancel):
        cancel(placed)


def test_nobody_cancels_the_order_of_somebody_else(customer, stranger, act):
    placed = order(customer, act=act)

    with pytest.raises(ending.OrderNotFound):
        cancel(placed, stranger)
    with pytest.raises(ending.OrderNotFound):
        ending.cancel(account_id=customer.account.pk, number="C00000000", act=act)
    assert again(placed).state == "notPaid"


def test_what_nobody_pays_ends_after_thirty_days_and_not_a_second_before(customer, act, post):
    placed, kept = order(customer, wanted("vps"), act=act), order(customer, wanted("vps"), act=act)
    pay(kept)
    due = placed.placed_at + timedelta(days=30)

    assert ending.expire_due(now=due - timedelta(seconds=1)) == 0
    assert again(placed).state == "notPaid"
    assert ending.expire_due(now=due) == 1
    assert ending.expire_due(now=due) == 0

    assert (again(placed).state, again(placed).reason) == ("cancelled", "expired")
    assert again(kept).state == "checking"
    assert "was not paid in time" in text_of(post.last_to(customer.email))


def test_money_taken_back_before_delivery_is_asked_for_again(customer, act):
    placed = order(customer, act=act)
    pay(placed)

    assert bounce(placed).state == "notPaid"
    assert deliver(placed).state == "notPaid"
    assert not Service.objects.exists()
    pay(placed, source="bank:2")
    assert deliver(placed).state == "delivered"
    assert Service.objects.count() == 1


def test_money_taken_back_after_delivery_is_noted_and_ends_nothing_by_itself(customer, act, post):
    placed = order(customer, act=act)
    pay(placed)
    deliver(placed)

    assert bounce(placed).state == "delivered"
    assert acts_of(placed)[-1] == "unpaid"
    assert Service.objects.get().state == "active"
    assert "taken back" in post.last_to(customer.email)["Subject"]


def test_of_two_who_paid_for_one_name_the_first_has_it_and_the_other_is_paid_back(
    customer, stranger, act, post
):
    first, second = (order(who, act=act) for who in (customer, stranger))
    pay(second, source="bank:2")
    pay(first)

    deliver(second)

    assert again(second).state == "delivered"
    loser = again(first)
    assert (loser.state, loser.reason) == ("cancelling", "taken")
    assert Service.objects.count() == 1
    assert "Somebody else has taken a name" in text_of(post.last_to(customer.email))
    ended = send_back(first)
    assert (ended.state, ended.paid_back) == ("cancelled", euros("42.00"))


def test_a_free_order_is_delivered_without_any_payment(customer, act):
    placed = order(customer, wanted("free"), act=act)

    assert deliver(placed).state == "delivered"
    assert of_cause(placed.cause) is None


def test_refunds_in_parts_end_an_order_with_the_last_of_them(customer, act):
    placed = order(customer, act=act)
    pay(placed, 2000)
    pay(placed, 2200, source="bank:2")
    deliver(placed)
    with transaction.atomic():
        ending.cancel_paid(again(placed), "operator", act=act)
    assert again(placed).state == "cancelling"

    assert send_back(placed).state == "cancelled"
    assert again(placed).paid_back == placed.gross
