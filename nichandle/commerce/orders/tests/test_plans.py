"""A service becomes a larger plan now, to the day, or a smaller one with its renewal."""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from nichandle.commerce.catalogue import queries as catalogue
from nichandle.commerce.catalogue.offers import Price, Terms
from nichandle.commerce.invoices.models import Draft, Invoice
from nichandle.commerce.invoices.selling import sellers
from nichandle.commerce.invoices.tests.helpers import issue_all
from nichandle.commerce.orders.basket.buyers import buyer
from nichandle.commerce.orders.lifecycle.placing import Confirmation, OrderTermsNotAccepted
from nichandle.commerce.orders.models import Order, OrderLine
from nichandle.commerce.orders.plans.changing import upgrade, upgrade_of
from nichandle.commerce.orders.plans.offering import plans_of
from nichandle.commerce.orders.plans.proration import prorate
from nichandle.commerce.orders.tests.goods import (
    CATALOGUE,
    DOMAIN,
    HOSTING,
    SINCE,
    euros,
    order,
    product,
    said,
    wanted,
)
from nichandle.commerce.orders.tests.living import again, cancel, deliver, pay
from nichandle.commerce.orders.withdrawal.declaring import Declaration, withdraw
from nichandle.commerce.services import operations as services
from nichandle.commerce.services.models import Service
from nichandle.identity.accounts.models import Account
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.money import Money
from nichandle.platform.kernel.wording.zones import operators_day

PAGE = Path(__file__).resolve().parents[4] / "docs" / "algorithms" / "plans.md"
ROW = re.compile(r"^\| (\d[\d.]*) \|(.*)\|$", re.MULTILINE)
TABLE = [
    [first, *(cell.strip() for cell in rest.split("|"))]
    for first, rest in ROW.findall(PAGE.read_text("utf-8"))
]
FIELD = re.compile(r'name="(once|seen)" value="([^"]+)"')
START = replace(HOSTING, upgrades=("pro", "mega"))
PRO = product("pro", "hosting", "60.00", upgrades=("mega",), downgrades=("start",))
MEGA = product("mega", "hosting", "120.00", downgrades=("pro", "start"))
SHOP = replace(CATALOGUE, products=(START, PRO, MEGA))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: " ".join(row[:5]))
def test_the_figures_are_those_of_the_page(row):
    paid, price, months, until, on, left, days, charge, credit, due = row

    found = prorate(
        paid=euros(paid),
        price=euros(price),
        months=int(months),
        expiry=date.fromisoformat(until),
        on=date.fromisoformat(on),
    )

    assert (found.left, found.days) == (int(left), int(days))
    assert (found.charge, found.credit, found.due) == (euros(charge), euros(credit), euros(due))


def test_the_page_has_its_table():
    assert len(TABLE) == 8


amounts = st.integers(0, 10**7).map(lambda minor: Money.of_minor(minor, "EUR"))
days = st.dates(date(2020, 1, 1), date(2060, 1, 1))


@given(amounts, amounts, st.integers(1, 36), days, st.integers(0, 1200))
def test_nobody_pays_more_than_the_difference_or_gains_by_waiting(paid, more, months, end, before):
    price = paid + more
    found = prorate(
        paid=paid, price=price, months=months, expiry=end, on=end - timedelta(days=before)
    )

    assert 0 <= found.left <= found.days
    assert Decimal(0) <= found.charge.amount <= price.amount
    assert Decimal(0) <= found.credit.amount <= paid.amount
    assert found.due.amount <= more.amount + Decimal("0.01")
    later = prorate(paid=paid, price=price, months=months, expiry=end, on=end)
    assert later.due == euros("0")


@pytest.fixture(autouse=True)
def shop(monkeypatch):
    monkeypatch.setattr(catalogue, "current", lambda: SHOP)


@pytest.fixture
def act(now, origin):
    return Act(origin, now)


@pytest.fixture
def service(customer, act) -> Service:
    """Hosting of the small plan, paid for a year today."""
    placed = order(customer, wanted("start", "mercier.example"), act=act, catalogue=SHOP)
    pay(placed)
    deliver(placed)
    return Service.objects.get()


def ask(browser, service, plan="pro", **changes):
    page = browser.get(f"/services/{service.pk}/plan/{plan}")
    assert page.status_code == 200, page.headers
    form = dict(FIELD.findall(page.content.decode())) | {"at_once": "on", "terms": "on"} | changes
    return browser.post(f"/services/{service.pk}/plan/{plan}", form), form


@pytest.mark.django_db
def test_the_page_shows_what_each_plan_costs_now_and_later(customer, service):
    page = customer.sign_in().get(f"/services/{service.pk}/plan").content.decode()

    for shown in ("Start", "Pro", "Mega", "€60.00", "€30.00", "€120.00", "€90.00"):
        assert shown in page


@pytest.mark.django_db
def test_a_larger_plan_is_ordered_paid_and_there(customer, service, post):
    browser = customer.sign_in()
    expiry = service.expiry_date

    answer, form = ask(browser, service)

    assert answer.headers["Location"].startswith("/pay/")
    change = Order.objects.latest("pk")
    assert (change.net, change.gross) == (euros("30.00"), euros("36.00"))
    assert (
        browser.post(f"/services/{service.pk}/plan/pro", form).headers["Location"]
        == (answer.headers["Location"])
    )
    assert Order.objects.count() == 2
    pay(change, source="bank:2")
    assert deliver(change).state == "delivered"
    service.refresh_from_db()
    assert (service.plan, service.state, service.expiry_date) == ("pro", "active", expiry)
    draft = Draft.objects.get(cause=change.cause)
    nets = [line.net for line in draft.facts.lines]
    assert nets == [euros("60.00"), euros("-30.00")]


@pytest.mark.django_db
def test_without_the_wish_to_begin_at_once_nothing_is_ordered(customer, service):
    browser = customer.sign_in()
    answer, _form = ask(browser, service, at_once="")

    assert answer.status_code == 422
    assert Order.objects.count() == 1


@pytest.mark.django_db
def test_the_terms_of_the_new_plan_are_shown_accepted_and_kept(customer, service):
    browser = customer.sign_in()
    page = browser.get(f"/services/{service.pk}/plan/pro").content.decode()
    assert "General terms (2026-01)" in page
    assert "All of them." in page

    answer, _form = ask(browser, service, terms="")
    assert answer.status_code == 422
    assert Order.objects.count() == 1

    ask(browser, service)
    agreed = Order.objects.latest("pk").terms
    assert agreed["terms"] == [
        {"code": "general", "version": "2026-01", "title": "General terms"},
    ]
    assert agreed["edition"] == SHOP.edition


@pytest.mark.django_db
def test_terms_that_changed_since_the_page_are_shown_and_asked_for_anew(
    customer, service, monkeypatch
):
    browser = customer.sign_in()
    _answer, form = ask(browser, service, terms="")
    newer = Terms("general", "2026-06", said("General terms"), said("More of them."))
    monkeypatch.setattr(catalogue, "current", lambda: replace(SHOP, terms=(newer,)))

    answer = browser.post(f"/services/{service.pk}/plan/pro", form | {"terms": "on"})
    page = answer.content.decode()
    assert (answer.status_code, "More of them." in page) == (409, True)
    again = dict(FIELD.findall(page)) | {"at_once": "on", "terms": "on"}
    assert browser.post(f"/services/{service.pk}/plan/pro", again).status_code == 302


@pytest.mark.django_db
def test_no_operation_orders_a_change_whose_terms_are_not_accepted(customer, service, act):
    change = upgrade_of(
        service,
        "pro",
        SHOP,
        buyer=buyer(customer.account.pk),
        seller=sellers.current(),
        on=operators_day(),
    )

    with pytest.raises(OrderTermsNotAccepted):
        upgrade(
            change,
            account_id=customer.account.pk,
            holder=buyer(customer.account.pk),
            form=Confirmation(once=uuid4(), seen=change.seen, accepted=False),
            act=act,
        )


EXCEPTED = replace(PRO, withdrawal=DOMAIN.withdrawal)


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "plan"), [("corporation", PRO), ("individual", EXCEPTED)])
def test_who_cannot_withdraw_is_not_asked_to_begin_at_once(
    customer, service, monkeypatch, kind, plan
):
    Account.objects.filter(pk=customer.account.pk).update(kind=kind, organisation="Mercier")
    monkeypatch.setattr(catalogue, "current", lambda: replace(SHOP, products=(START, plan, MEGA)))
    browser = customer.sign_in()

    page = browser.get(f"/services/{service.pk}/plan/pro").content.decode()
    assert "begins at once" not in page
    assert ("It is made for you." in page) == (plan is EXCEPTED)
    answer, _form = ask(browser, service, at_once="")
    assert answer.status_code == 302
    assert not Order.objects.latest("pk").at_once_asked


@pytest.mark.django_db
def test_an_organisation_gives_the_number_of_its_own_order_for_a_change(customer, service):
    Account.objects.filter(pk=customer.account.pk).update(kind="association", organisation="Dunes")

    ask(customer.sign_in(), service, purchase_order="BC-7")

    assert Order.objects.latest("pk").purchase_order == "BC-7"


@pytest.mark.django_db
def test_figures_that_were_not_shown_bind_nobody(customer, service):
    answer, _form = ask(customer.sign_in(), service, seen="0" * 32)

    assert answer.status_code == 409
    assert Order.objects.count() == 1


@pytest.mark.django_db
def test_one_change_waits_at_a_time(customer, service):
    browser = customer.sign_in()
    ask(browser, service)
    first = Order.objects.latest("pk")

    answer, _form = ask(browser, service, "mega")
    assert answer.status_code == 409
    assert first.number in answer.content.decode()

    cancel(first)
    service.refresh_from_db()
    assert (service.state, service.plan) == ("active", "start")
    answer, _form = ask(browser, service, "mega")
    assert answer.status_code == 302


@pytest.mark.django_db
def test_the_page_says_that_a_change_waits_and_leads_to_its_order(customer, service, settings):
    browser = customer.sign_in()
    place = f"/services/{service.pk}/plan"
    assert "waits to be paid" not in browser.get(place).content.decode()
    ask(browser, service)
    change = Order.objects.latest("pk")

    page = browser.get(place).content.decode()
    assert f"waits to be paid: order {change.number}" in page
    assert f'<a href="/orders/{change.number}">Pay or cancel the order</a>' in page

    settings.NICHANDLE_MODE = "production"
    pay(change, source="bank:2")
    page = browser.get(place).content.decode()
    assert f"is paid and under way: order {change.number}" in page
    assert f'<a href="/orders/{change.number}">See the order</a>' in page


@pytest.mark.django_db
def test_another_who_may_change_the_plan_reads_of_the_order_without_a_link(
    customer, contact, service
):
    ask(customer.sign_in(), service)
    change = Order.objects.latest("pk")
    service.roles.filter(role="administrator").update(account=contact.account)

    page = contact.sign_in().get(f"/services/{service.pk}/plan").content.decode()
    assert change.number in page
    assert f"/orders/{change.number}" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("plan", ["start", "nothing", "vps"])
def test_what_is_no_larger_plan_is_not_offered(customer, service, plan):
    answer = customer.sign_in().get(f"/services/{service.pk}/plan/{plan}")

    assert answer.headers["Location"] == f"/services/{service.pk}/plan"


@pytest.mark.django_db
def test_only_owner_and_administrator_change_a_plan(customer, contact, stranger, service):
    service.roles.filter(role="technical").update(account=contact.account)

    for person in (contact, stranger):
        browser = person.sign_in()
        for path in ("", "/pro"):
            assert browser.get(f"/services/{service.pk}/plan{path}").status_code == 404
        answer = browser.post(f"/services/{service.pk}/plan/smaller", {"plan": "start"})
        assert answer.status_code == 404


@pytest.mark.django_db
def test_a_role_that_is_lost_while_one_waits_for_the_service_orders_nothing(
    customer, stranger, service, monkeypatch
):
    browser = customer.sign_in()
    lock = services.lock_services

    def lock_after_the_hand_over(keys):
        service.roles.update(account=stranger.account)
        return lock(keys)

    monkeypatch.setattr(services, "lock_services", lock_after_the_hand_over)
    answer, _form = ask(browser, service)

    assert answer.status_code == 403
    assert Order.objects.count() == 1


@pytest.mark.django_db
def test_a_price_that_rose_is_not_credited(customer, service):
    dearer = replace(START, prices=(Price(SINCE, 12, euros("50.00"), euros("0")),))
    cheaper = replace(START, prices=(Price(SINCE, 12, euros("20.00"), euros("0")),))
    today = timezone.localdate()

    for changed, credit in ((dearer, "30.00"), (cheaper, "20.00")):
        shop = replace(SHOP, products=(changed, PRO, MEGA))
        plans = plans_of(service, shop, on=today)
        assert plans is not None
        assert plans.larger[0].figures.credit == euros(credit)


@pytest.mark.django_db
def test_a_larger_plan_that_costs_nothing_more_is_none(service):
    same = replace(PRO, prices=(Price(SINCE, 12, euros("30.00"), euros("0")),))
    plans = plans_of(service, replace(SHOP, products=(START, same)), on=timezone.localdate())

    assert plans is not None
    assert plans.larger == ()


@pytest.mark.django_db
def test_a_smaller_plan_waits_for_the_renewal_and_the_wish_can_be_taken_back(customer, service):
    browser = customer.sign_in()
    ask(browser, service)
    change = Order.objects.latest("pk")
    pay(change, source="bank:2")
    deliver(change)

    browser.post(f"/services/{service.pk}/plan/smaller", {"plan": "start"})
    service.refresh_from_db()
    assert (service.plan, service.next_plan) == ("pro", "start")
    page = browser.get(f"/services/{service.pk}/plan").content.decode()
    assert "It becomes Start with its renewal" in page
    browser.post(f"/services/{service.pk}/plan/smaller", {"plan": ""})
    service.refresh_from_db()
    assert service.next_plan == ""
    browser.post(f"/services/{service.pk}/plan/smaller", {"plan": "mega"})
    service.refresh_from_db()
    assert service.next_plan == ""


@pytest.mark.django_db
def test_whoever_withdraws_from_a_change_has_the_plan_of_before(customer, service, act, caplog):
    browser = customer.sign_in()
    ask(browser, service)
    change = Order.objects.latest("pk")
    pay(change, source="bank:2")
    deliver(change)

    withdraw(
        account_id=customer.account.pk,
        number=change.number,
        declaration=Declaration("Diane"),
        act=act,
    )

    service.refresh_from_db()
    assert (service.state, service.plan) == ("active", "start")
    assert again(change).state == "cancelling"
    assert f"Order {change.number} is withdrawn from" in caplog.text


@pytest.mark.django_db
def test_what_was_paid_in_another_currency_is_not_credited_as_if_it_were_this_one(service):
    Order.objects.update(currency="CHF")

    assert plans_of(service, SHOP, on=timezone.localdate()) is None


@pytest.mark.django_db
def test_while_its_contacts_are_in_dispute_no_change_is_ordered(customer, service, now):
    browser = customer.sign_in()
    Service.objects.update(contacts_frozen_at=now)

    answer, _form = ask(browser, service)

    assert answer.status_code == 403
    assert Order.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("left", "days"), [(3, 3), (6, 6), (8, 7)])
def test_a_change_is_to_be_paid_before_its_period_ends_and_within_a_week(
    customer, service, left, days
):
    Service.objects.update(expiry_date=operators_day() + timedelta(days=left))

    ask(customer.sign_in(), service)

    change = Order.objects.latest("pk")
    assert change.due_at - change.placed_at == timedelta(days=days)


@pytest.mark.django_db
def test_while_a_change_is_checked_or_delivered_no_other_is_ordered(customer, service, settings):
    browser = customer.sign_in()
    ask(browser, service)
    first = Order.objects.latest("pk")
    pay(first, source="bank:2")
    assert again(first).state == "checking"
    assert ask(browser, service, "mega")[0].status_code == 409

    settings.NICHANDLE_MODE = "production"
    deliver(first)
    assert again(first).state == "delivering"
    assert ask(browser, service, "mega")[0].status_code == 409
    assert Order.objects.count() == 2


@pytest.mark.django_db
def test_only_an_active_service_goes_down_to_a_smaller_plan(customer, service):
    Service.objects.update(plan="pro", state="suspended")
    service.roles.update(state="suspended")

    customer.sign_in().post(f"/services/{service.pk}/plan/smaller", {"plan": "start"})

    service.refresh_from_db()
    assert service.next_plan == ""


@pytest.mark.django_db
def test_a_larger_plan_now_voids_the_wish_for_a_smaller_one(customer, service):
    browser = customer.sign_in()
    Service.objects.update(plan="pro")
    browser.post(f"/services/{service.pk}/plan/smaller", {"plan": "start"})
    service.refresh_from_db()
    assert service.next_plan == "start"

    ask(browser, service, "mega")
    change = Order.objects.latest("pk")
    pay(change, source="bank:2")
    deliver(change)

    service.refresh_from_db()
    assert (service.plan, service.next_plan) == ("mega", "")


@pytest.mark.django_db
def test_a_change_is_invoiced_and_its_withdrawal_credited_by_the_official_rules(
    customer, service, act
):
    ask(customer.sign_in(), service)
    change = Order.objects.latest("pk")
    pay(change, source="bank:2")
    deliver(change)
    issue_all()

    assert list(Draft.objects.values_list("trouble", flat=True)) == ["", ""]
    invoice = Invoice.objects.get(invoice_lines__cause=change.cause, invoice_lines__cause_place=1)
    lines = [(line.quantity, line.unit_price, line.net) for line in invoice.facts.lines]
    assert lines == [(1, 60, euros("60.00")), (-1, 30, euros("-30.00"))]

    withdraw(
        account_id=customer.account.pk,
        number=change.number,
        declaration=Declaration("Diane"),
        act=act,
    )
    issue_all()

    note = Invoice.objects.get(corrects=invoice)
    assert (note.gross, note.facts.lines) == (euros("36.00"), invoice.facts.lines)
    invoice.standing.refresh_from_db()
    assert invoice.standing.state == "credited"


@pytest.mark.django_db
def test_a_plan_that_was_free_is_credited_on_no_line(customer, act, monkeypatch):
    free = replace(START, prices=(Price(SINCE, 12, euros("0"), euros("0")),))
    shop = replace(SHOP, products=(free, PRO, MEGA))
    monkeypatch.setattr(catalogue, "current", lambda: shop)
    deliver(order(customer, wanted("start", "mercier.example"), act=act, catalogue=shop))

    ask(customer.sign_in(), Service.objects.get())

    quoted = Order.objects.latest("pk").quote["lines"]
    assert [line["label"] for line in quoted] == ["Change to Pro"]


@pytest.mark.django_db
def test_a_service_of_no_catalogue_says_so(customer, make_service):
    service = make_service(name="old.example")
    page = customer.sign_in().get(f"/services/{service.pk}/plan").content.decode()

    assert "write to customer service" in page
    assert not OrderLine.objects.exists()
