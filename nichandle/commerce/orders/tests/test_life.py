"""The life of an order: paid, checked, delivered, cancelled, each once, whatever comes twice."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from nichandle.commerce.invoices.models import Draft
from nichandle.commerce.orders.delivery import answering
from nichandle.commerce.orders.lifecycle import ending, paying
from nichandle.commerce.orders.models import Order, OrderEvent, OrderLine
from nichandle.commerce.orders.months import months_later
from nichandle.commerce.orders.tests.goods import euros, order, wanted
from nichandle.commerce.orders.tests.living import again, bounce, cancel, deliver, pay, send_back
from nichandle.commerce.orders.withdrawal.declaring import Declaration, withdraw
from nichandle.commerce.payments import operations as payments
from nichandle.commerce.payments.models import Refund
from nichandle.commerce.payments.queries import of_cause
from nichandle.commerce.payments.tests.helpers import come_back, take_back
from nichandle.commerce.services.models import Service
from nichandle.platform.audit.models import Entry
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail
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


def test_a_refund_that_did_not_arrive_and_is_sent_anew_is_told_and_counted_once(customer, act):
    placed = order(customer, wanted("start", "mercier.example"), act=act)
    pay(placed)
    payments.refund(placed.cause, euros("10.00"), reason="operator", act=act)
    send_back(placed)
    Refund.objects.update(provider_ref="re_1")
    come_back(Refund.objects.get())

    sent_anew = send_back(placed)

    assert Refund.objects.get().state == "done"
    assert sent_anew.paid_back == euros("10.00")
    assert acts_of(placed).count("refunded") == 1
    assert Mail.objects.filter(template="orders/mail/paid_back").count() == 1
    assert Entry.objects.filter(act="order.paid_back").count() == 1


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


def withdraw_from(order: Order, act) -> None:
    withdraw(
        account_id=order.account_id,
        number=order.number,
        declaration=Declaration("Diane Mercier"),
        act=act,
    )


@pytest.fixture
def both(customer, act, settings) -> Order:
    """Hosting, and a name that the law excepts, paid and asked for by hand."""
    settings.NICHANDLE_MODE = "production"
    placed = order(
        customer, wanted("start", "mercier.example"), wanted("domain-fr", "mercier.fr"), act=act
    )
    pay(placed)
    return deliver(placed)


@pytest.mark.parametrize("arrived", [False, True])
def test_paid_again_only_what_was_not_withdrawn_from_is_asked_for(
    customer, act, both, post, arrived
):
    if arrived:
        answering.done(OrderLine.objects.get(order=both, position=1).key, act=act)
    withdraw_from(both, act)

    assert bounce(both).state == "notPaid"

    owed = of_cause(both.cause)
    assert owed.missing == euros("9.60")
    assert "€9.60" in text_of(post.last_to(customer.email))
    page = customer.sign_in().get(f"/orders/{both.number}").content.decode()
    assert "Pay €9.60" in page
    pay(both, 960, source="bank:2")
    deliver(both)
    call_command("order", "deliver", both.number, "--line", "2")
    assert again(both).state == "delivered"
    owed.refresh_from_db()
    assert (owed.state, owed.paid, owed.credit) == ("settled", euros("9.60"), euros("0"))
    assert Draft.objects.get(cause=both.cause).facts.totals.gross == euros("9.60")
    letters = [text_of(letter) for _to, letter in post.deliver()]
    assert any("We have received €9.60" in text for text in letters)


def test_of_what_a_bank_has_left_the_lines_that_go_on_are_paid_first(customer, act, both):
    take_back(of_cause(both.cause), 1000, "bank:back")
    assert again(both).state == "notPaid"
    pay(both, 1000, source="bank:2")
    deliver(both)
    call_command("order", "deliver", both.number)
    take_back(of_cause(both.cause), 1000, "bank:back:2")

    withdraw_from(both, act)

    owed = of_cause(both.cause)
    assert again(both).state == "delivered"
    assert (owed.missing, owed.refunding_minor) == (euros("0"), 3200)
    assert owed.state == "settled"


def test_after_a_withdrawal_nothing_is_asked_for_that_the_bank_has_taken_back(customer, act, post):
    placed = order(customer, act=act)
    pay(placed)
    deliver(placed)
    bounce(placed)

    withdraw_from(placed, act)

    owed = of_cause(placed.cause)
    assert (again(placed).state, owed.state) == ("cancelled", "cancelled")
    assert owed.missing == euros("0")
    letters = [text_of(letter) for _to, letter in post.deliver()]
    (ended,) = (text for text in letters if "has ended, because you have withdrawn" in text)
    assert "Nothing is to be paid" in ended
    assert "Pay €" not in customer.sign_in().get(f"/orders/{placed.number}").content.decode()


def test_a_withdrawal_after_part_was_taken_back_sends_the_rest_and_asks_for_nothing(customer, act):
    placed = order(customer, act=act)
    pay(placed)
    deliver(placed)
    take_back(of_cause(placed.cause), 1200, "bank:back")

    withdraw_from(placed, act)

    owed = of_cause(placed.cause)
    assert (owed.state, owed.missing, owed.refunding_minor) == ("cancelled", euros("0"), 3000)
    assert send_back(placed).state == "cancelled"


def test_the_law_s_exception_that_goes_on_is_all_that_stays_owed(customer, act, both):
    call_command("order", "deliver", both.number)
    bounce(both)

    withdraw_from(both, act)

    assert again(both).state == "delivered"
    assert of_cause(both.cause).missing == euros("9.60")


def test_what_is_delivered_and_was_taken_back_is_paid_from_its_page(customer, act):
    placed = order(customer, act=act)
    pay(placed)
    deliver(placed)
    bounce(placed)
    browser = customer.sign_in()

    page = browser.get(f"/orders/{placed.number}").content.decode()
    assert "€42.00 of this order is to be paid again" in page
    assert f'href="/pay/{of_cause(placed.cause).number}"' in page

    pay(placed, source="bank:2")
    paying.paid(placed.cause, act=act)
    assert again(placed).state == "delivered"
    assert acts_of(placed)[-2:] == ["unpaid", "paid"]
    assert "to be paid again" not in browser.get(f"/orders/{placed.number}").content.decode()


def test_the_buyers_own_number_stands_on_the_invoice(customer, act):
    placed = order(customer, act=act)
    Order.objects.filter(pk=placed.pk).update(purchase_order="BC-2026-114")
    pay(placed)
    deliver(placed)

    assert Draft.objects.get(cause=placed.cause).facts.purchase_order == "BC-2026-114"
