"""Who owes an invoice that is due takes part in no hand-over until it is paid."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from nichandle.commerce.invoices import operations
from nichandle.commerce.invoices.models import Invoice
from nichandle.commerce.invoices.tests.helpers import REASON, draft_for, issue_all
from nichandle.commerce.services import obstacles

pytestmark = pytest.mark.django_db
EARLIER = timedelta(days=9)


def draft_earlier(person, *, cause: str) -> None:
    """Draft an invoice that is due on the day it is issued, nine days ago."""
    then = timezone.now() - EARLIER
    draft_for(person, cause=cause, due=then.date(), now=then)


def standing(person):
    return obstacles.first(person.account, now=timezone.now())


def test_an_invoice_that_is_due_stands_in_the_way_until_it_is_paid(customer, quick_files):
    draft_earlier(customer, cause="order:C1")
    issue_all(timezone.now() - EARLIER)

    assert standing(customer).refusal.code == "obstacle.invoice_unpaid"

    operations.mark_paid("order:C1", now=timezone.now())
    assert standing(customer) is None


@pytest.mark.parametrize(("hour", "stands"), [(22, False), (23, True)])
def test_the_day_it_is_due_ends_at_the_operators_midnight(
    customer, quick_files, settings, hour, stands
):
    settings.NICHANDLE_TIME_ZONE = "Europe/Paris"
    issued = datetime(2026, 11, 30, 12, tzinfo=UTC)
    draft_for(customer, due=date(2026, 11, 30), now=issued)
    issue_all(issued)

    found = obstacles.first(customer.account, now=datetime(2026, 11, 30, hour, 30, tzinfo=UTC))
    assert (found is not None) == stands


def test_one_that_is_not_due_or_was_credited_does_not(customer, quick_files):
    draft_earlier(customer, cause="order:C2")
    issue_all(timezone.now() - EARLIER)
    draft_for(customer, cause="order:C1", due=date(2099, 12, 31))
    issue_all()

    operations.credit_cause("order:C2", reason=REASON, now=timezone.now())

    assert standing(customer) is None


def test_an_overdue_invoice_stands_first_on_the_home_until_it_is_paid(
    customer, stranger, quick_files
):
    draft_earlier(customer, cause="order:C9")
    issue_all(timezone.now() - EARLIER)
    number = Invoice.objects.get().number

    home = customer.sign_in().get("/area", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    to_do = home[home.index('id="todo"') : home.index('id="services"')]
    assert "Overdue invoice" in to_do
    assert f"{number}: €12.00, due since" in to_do
    assert to_do.index(number) < to_do.index("recovery address")
    assert number not in stranger.sign_in().get("/area").content.decode()

    operations.mark_paid("order:C9", now=timezone.now())
    assert number not in customer.browser.get("/area").content.decode()


def test_an_invoice_that_is_not_due_yet_is_nothing_to_do(customer, quick_files):
    draft_for(customer, due=(timezone.now() + EARLIER).date())
    issue_all()

    assert "Overdue invoice" not in customer.sign_in().get("/area").content.decode()
