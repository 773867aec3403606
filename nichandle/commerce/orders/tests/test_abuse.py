"""What somebody would try who wants more than was paid for, or to hold up the others."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.commerce.catalogue import queries as catalogue
from nichandle.commerce.invoices.models import Draft
from nichandle.commerce.orders.lifecycle import ending
from nichandle.commerce.orders.tests.goods import CATALOGUE, DOMAIN, HOSTING, order, product, wanted
from nichandle.commerce.orders.tests.living import again, bounce, cancel, deliver, pay
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
