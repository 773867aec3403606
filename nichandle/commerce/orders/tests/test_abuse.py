"""What somebody would try who wants more than was paid for, or to hold up the others."""

from dataclasses import replace

import pytest

from nichandle.commerce.catalogue import queries as catalogue
from nichandle.commerce.invoices.models import Draft
from nichandle.commerce.orders.tests.goods import CATALOGUE, DOMAIN, HOSTING, order, product, wanted
from nichandle.commerce.orders.tests.living import bounce, cancel, deliver, pay
from nichandle.commerce.orders.withdrawal.declaring import Declaration, withdraw
from nichandle.commerce.payments.queries import of_cause
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
