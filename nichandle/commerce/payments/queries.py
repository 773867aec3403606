"""What is read of what is owed."""

from uuid import UUID

from nichandle.commerce.payments.models import Receivable
from nichandle.commerce.payments.references import reference_of as reference_for


def of_cause(cause: str) -> Receivable | None:
    """Return what is owed for a cause; None when nothing ever was."""
    return Receivable.objects.filter(cause=cause).first()


def mine(account_id: UUID, number: str) -> Receivable | None:
    """Return an account's own receivable by its number; None for another's."""
    return Receivable.objects.filter(number=number, account_id=account_id).first()


def means_of(cause: str) -> str:
    """Name the means by which a cause was paid last; empty when nothing has come in."""
    found = Receivable.objects.filter(cause=cause).values_list("means", flat=True).first()
    return found or ""


def number_of(cause: str) -> str:
    """Return the number of what is owed for a cause, for its page; empty when nothing is."""
    found = Receivable.objects.filter(cause=cause).values_list("number", flat=True).first()
    return found or ""


def reference_of(cause: str) -> str:
    """Return the creditor reference for a cause; empty when nothing is owed."""
    number = number_of(cause)
    return reference_for(number) if number else ""
