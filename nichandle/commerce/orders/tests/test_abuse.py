"""What somebody would try who wants more than was paid for, or to hold up the others."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from nichandle.commerce.catalogue import queries as catalogue
from nichandle.commerce.invoices.models import Draft
from nichandle.commerce.orders.lifecycle import ending
from nichandle.commerce.orders.models import Order, OrderLine
from nichandle.commerce.orders.tests.goods import CATALOGUE, DOMAIN, HOSTING, order, product, wanted
from nichandle.commerce.orders.tests.living import again, bounce, cancel, deliver, pay, send_back
from nichandle.commerce.orders.tests.test_plans import ask
from nichandle.commerce.orders.withdrawal import declaring
from nichandle.commerce.orders.withdrawal.declaring import Declaration, withdraw
from nichandle.commerce.payments.queries import of_cause
from nichandle.commerce.services.models import Service
from nichandle.platform.kernel.act import Act
from tests.support.worker import work

pytestmark = pytest.mark.django_db
START = replace(HOSTING, upgrades=("pro", "mega"))
PRO = product("pro", "hosting", "60.00", upgrades=("mega",), downgrades=("start",))
MEGA = product("mega", "hosting", "120.00", downgrades=("pro", "start"))
SHOP = replace(CATALOGUE, products=(START, PRO, MEGA, DOMAIN))


@pytest.fixture(autouse=True)
def shop(monkeypatch):
    monkeypatch.setattr(catalogue, "current", lambda: SHOP)


@pytest.fixture
def act(now, origin):
    return Act(origin, now)


@pytest.fixture
def bought(customer, act):
    placed = order(customer, wanted("start", "mercier.example"), act=act, catalogue=SHOP)
    pay(placed)
    return deliver(placed)


def give_up(person, placed, act):
    withdraw(
        account_id=person.account.pk,
        number=placed.number,
        declaration=Declaration("Diane Mercier"),
        act=act,
    )


def test_what_was_invoiced_and_then_charged_back_is_no_sale_once_it_is_cancelled(customer, act):
    placed = order(customer, act=act)
    pay(placed)
    work(None)
    assert Draft.objects.get().state == "waiting"
    bounce(placed)

    cancel(placed)

    assert Draft.objects.get().state == "withdrawn"


def test_what_is_withdrawn_from_before_it_is_checked_is_not_invoiced(customer, act):
    both = wanted("start", "mercier.example"), wanted("domain-fr", "mercier.fr")
    placed = order(customer, *both, act=act, catalogue=SHOP)
    pay(placed)

    give_up(customer, placed, act)
    deliver(placed)

    owed, document = of_cause(placed.cause), Draft.objects.get().facts
    assert document.totals.gross.minor == owed.paid_minor - owed.refunding_minor
    assert document.paid.amount == document.totals.gross


def in_dispute(name, since):
    Service.objects.filter(name=name).update(contacts_frozen_at=since)


def test_a_dispute_holds_up_the_withdrawals_of_nobody_else(customer, stranger, bought, act, now):
    other = order(stranger, wanted("start", "other.example"), act=act)
    pay(other, source="bank:2")
    deliver(other)
    for person, placed in ((customer, bought), (stranger, other)):
        declaring.withdraw_by_address(
            number=placed.number, address=person.email, declaration=Declaration("Diane"), act=act
        )
    in_dispute("mercier.example", now)
    due = timezone.now() + timedelta(days=3)

    declaring.effect_due(now=due)

    assert (again(bought).state, again(other).state) == ("delivered", "cancelling")
    in_dispute("mercier.example", None)
    declaring.effect_due(now=due + timedelta(hours=2))
    assert again(bought).state == "cancelling"


def test_a_dispute_takes_the_right_to_withdraw_from_nobody(customer, bought, act, now):
    in_dispute("mercier.example", now)
    give_up(customer, bought, act)
    assert again(bought).state == "delivered"

    # The dispute is decided when the time to withdraw is long over: it was declared in time.
    in_dispute("mercier.example", None)
    declaring.effect_due(now=now + timedelta(days=40))

    assert again(bought).state == "cancelling"


def test_a_dispute_keeps_no_other_order_from_running_out(customer, stranger, act, now):
    disputed, other = order(customer, act=act), order(stranger, wanted("vps"), act=act)
    pay(disputed)
    work(None)
    bounce(disputed)
    in_dispute("mercier.example", now)

    ending.expire_due(now=now + timedelta(days=31))

    assert (again(disputed).state, again(other).state) == ("notPaid", "cancelled")


def changed(person, plan, *, paid=True):
    """Order a larger plan for the one service there is."""
    ask(person.sign_in(), Service.objects.get(), plan)
    change = Order.objects.latest("pk")
    if paid:
        pay(change, source=f"bank:{change.number}")
        deliver(change)
    return again(change)


def test_changes_that_are_given_up_in_any_order_leave_the_plan_that_is_paid(customer, bought, act):
    to_pro, to_mega = changed(customer, "pro"), changed(customer, "mega")

    give_up(customer, to_pro, act)
    assert Service.objects.get().plan == "start"
    give_up(customer, to_mega, act)

    assert Service.objects.get().plan == "start"


def test_a_change_from_a_plan_that_was_given_up_is_paid_back(customer, bought, act):
    to_pro, to_mega = changed(customer, "pro"), changed(customer, "mega", paid=False)
    give_up(customer, to_pro, act)

    pay(to_mega, source="bank:late")
    deliver(to_mega)

    assert Service.objects.get().plan == "start"
    ended = send_back(to_mega)
    assert (ended.state, ended.reason) == ("cancelled", "changed")
    assert ended.paid_back == to_mega.gross


def test_a_change_of_a_service_that_has_ended_is_paid_back(customer, bought, act):
    change = changed(customer, "pro", paid=False)
    give_up(customer, bought, act)

    pay(change, source="bank:late")
    deliver(change)

    assert (send_back(change).state, again(change).reason) == ("cancelled", "changed")


def test_a_change_under_way_when_its_plan_is_given_up_is_left_to_people(customer, bought, act):
    to_pro, to_mega = changed(customer, "pro"), changed(customer, "mega", paid=False)
    pay(to_mega, source="bank:late")
    work(None)
    give_up(customer, to_pro, act)

    deliver(to_mega)

    assert Service.objects.get().plan == "start"
    line = OrderLine.objects.get(order=to_mega)
    assert (again(to_mega).state, line.delivery) == ("delivering", "failed")
    with pytest.raises(CommandError, match="not delivered, the service has changed"):
        call_command("order", "deliver", to_mega.number)
    call_command("order", "cancel", to_mega.number)
    assert (send_back(to_mega).state, Service.objects.get().state) == ("cancelled", "active")
    assert changed(customer, "pro").state == "delivered"


def test_without_a_seller_the_till_is_closed_and_does_not_break_off(customer, bought, settings):
    service, browser = Service.objects.get(), customer.sign_in()
    settings.DEMO = False

    for place in ("/order/basket", "/order/checkout"):
        answer = browser.get(place, follow=True)
        assert answer.redirect_chain == [("/order", 302)]
        assert "Nothing can be ordered for now" in answer.content.decode()
    answer = browser.get(f"/services/{service.pk}/plan/pro")
    assert answer.headers["Location"] == f"/services/{service.pk}/plan"


def test_money_taken_back_after_the_last_day_to_pay_can_be_paid_again(customer, act):
    placed = order(customer, act=act)
    pay(placed)
    work(None)
    Order.objects.filter(pk=placed.pk).update(due_at=act.now - timedelta(days=1))
    bounce(placed)

    ending.expire_due(now=timezone.now() + timedelta(days=6))

    assert again(placed).state == "notPaid"
    assert pay(placed, source="bank:again").state == "checking"


def test_what_the_bank_has_taken_back_is_not_sent_by_people_too(customer, bought, act):
    give_up(customer, bought, act)
    owed = of_cause(bought.cause)
    assert [refund.state for refund in owed.refunds.all()] == ["by_hand"]

    bounce(bought)

    assert [refund.state for refund in owed.refunds.all()] == ["void"]
    owed = of_cause(bought.cause)
    assert (owed.state, owed.paid_minor, owed.refunding_minor) == ("cancelled", 0, 0)
    assert (again(bought).state, again(bought).reason) == ("cancelled", "withdrawn")
