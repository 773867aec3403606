"""Who owes an invoice that is due takes part in no hand-over until it is paid."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from nichandle.commerce.invoices import operations
from nichandle.commerce.invoices.tests.helpers import REASON, draft_for, issue_all
from nichandle.commerce.services import obstacles

pytestmark = pytest.mark.django_db
YESTERDAY = timezone.now().date() - timedelta(days=1)


def standing(person):
    return obstacles.first(person.account, now=timezone.now())


def test_an_invoice_that_is_due_stands_in_the_way_until_it_is_paid(customer, quick_files):
    draft_for(customer, cause="order:C1", due=YESTERDAY)
    issue_all()

    assert standing(customer).refusal.code == "obstacle.invoice_unpaid"

    operations.mark_paid("order:C1", now=timezone.now())
    assert standing(customer) is None


def test_one_that_is_not_due_or_was_credited_does_not(customer, quick_files):
    draft_for(customer, cause="order:C1", due=date(2099, 12, 31))
    draft_for(customer, cause="order:C2", due=YESTERDAY)
    issue_all()

    operations.credit_cause("order:C2", reason=REASON, now=timezone.now())

    assert standing(customer) is None
