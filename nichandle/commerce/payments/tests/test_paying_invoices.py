"""An open invoice leads to the page on which it is paid."""

import pytest
from django.utils import timezone

from nichandle.commerce.invoices import operations
from nichandle.commerce.invoices.models import Invoice
from nichandle.commerce.invoices.tests.helpers import draft_for, issue_all
from nichandle.commerce.payments.tests.helpers import owe

pytestmark = pytest.mark.django_db


def test_an_open_invoice_leads_to_its_payment_and_a_paid_one_does_not(customer, quick_files):
    owed = owe(customer, 1200, cause="order:C1")
    draft_for(customer, 1000, cause="order:C1")
    issue_all()
    customer.sign_in()
    address = f"/invoices/{Invoice.objects.get().number}"

    assert f"/pay/{owed.number}" in customer.browser.get(address).content.decode()

    operations.mark_paid("order:C1", now=timezone.now())
    assert f"/pay/{owed.number}" not in customer.browser.get(address).content.decode()
