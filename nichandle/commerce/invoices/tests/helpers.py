"""What the tests of drafts and issued documents share."""

from datetime import date
from decimal import Decimal
from itertools import count

from django.utils import timezone

from nichandle.commerce.invoices import operations
from nichandle.commerce.invoices.facts import Document, Payment
from nichandle.commerce.invoices.issuing import waiting
from nichandle.commerce.invoices.sales import parties
from nichandle.commerce.invoices.sales.quoting import Item, quote
from nichandle.commerce.invoices.selling import sellers
from nichandle.identity.accounts.models import Account
from nichandle.platform.jobs.registry import never
from nichandle.platform.kernel.money import Money

_numbers = count(1)
REASON = {"fr": "Rétractation.", "en": "Withdrawal."}


def euros(cents):
    return Money.of_minor(cents, "EUR")


def document_of(person, *prices, paid=False, due=date(2026, 12, 31), **changes):
    """Return an invoice for somebody with a line for each price before tax, in cents."""
    items = [
        Item(f"Hosting {place}", "www.example.org", "electronic", Decimal(1), "ANN", price)
        for place, price in enumerate(euros(cents).amount for cents in prices or (1000,))
    ]
    account = Account.objects.select_related("handle").get(pk=person.account.pk)
    buyer, seller = parties.holder(account), sellers.current()
    on = date(2026, 12, 1)
    quoted = quote(items, buyer=buyer, seller=seller, on=on, evidence=None, currency="EUR")
    given = {
        "kind": "invoice",
        "language": "fr",
        "currency": "EUR",
        "seller": seller,
        "buyer": buyer,
        "lines": quoted.lines,
        "totals": quoted.totals,
        "due_date": due,
        "delivered_on": on,
        "paid": Payment(quoted.totals.gross, on, "card") if paid else None,
    }
    return Document(**given | changes)


def draft_for(person, *prices, cause="", service_ids=(), now=None, **changes):
    """Draft an invoice for somebody, for a cause of its own."""
    return operations.draft(
        account_id=person.account.pk,
        handle=person.handle,
        document=document_of(person, *prices, **changes),
        cause=cause or f"order:C{next(_numbers):08}",
        service_ids=service_ids,
        now=now or timezone.now(),
    )


def issue_all(now=None):
    """Let the worker issue what waits."""
    return waiting.issue_waiting(lambda: now or timezone.now(), never)
