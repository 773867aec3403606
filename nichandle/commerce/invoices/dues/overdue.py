"""The obstacle of an unpaid invoice: who owes one that is due takes part in no hand-over."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.invoices import queries
from nichandle.commerce.services.obstacles import Obstacle, add
from nichandle.identity.accounts.models import Account
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording.zones import operators_day


class InvoiceUnpaid(Refused):
    code = "obstacle.invoice_unpaid"
    message = _("Invoice %(number)s was to be paid by %(day)s: pay it first.")
    status = 409


def look(account: Account, now: datetime) -> Refused | None:
    """Return the refusal while an invoice of the account is due and not paid."""
    found = queries.unpaid(account.pk, today=operators_day(now))
    if found is None:
        return None
    return InvoiceUnpaid(number=found.number, day=date_format(found.due_date))


def join() -> None:
    """Put it on the list of obstacles."""
    add(Obstacle("unpaid", look))
