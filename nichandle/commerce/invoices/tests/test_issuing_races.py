"""Many at once: no number twice, none left out, nothing credited twice."""

import random
from collections import Counter
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone

from nichandle.commerce.invoices import operations
from nichandle.commerce.invoices.issuing import issue
from nichandle.commerce.invoices.models import Draft, Invoice, InvoiceStanding, Series
from nichandle.commerce.invoices.signals import issued
from nichandle.commerce.invoices.tests.helpers import REASON, draft_for, issue_all
from tests.support.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
THREADS, EACH = 16, 3


class Undone(Exception):
    """A transaction that is rolled back, at random."""


def test_sixteen_at_once_with_random_rollbacks_leave_no_gap_and_no_repeat(customer, quick_files):
    """Without a lease, so that they really meet at the counter."""
    for _each in range(THREADS * EACH):
        draft_for(customer, paid=True)
    chance, undone = random.Random(7), Counter()

    def perhaps(sender, *, cause, **told):
        if chance.random() < 0.3:
            undone[cause] += 1
            raise Undone

    def work(part):
        for draft in Draft.objects.order_by("pk")[part * EACH : part * EACH + EACH]:
            while True:
                try:
                    issue.issue([draft], timezone.now)
                except (Undone, issue.Overtaken):
                    continue
                break

    issued.connect(perhaps)
    try:
        at_once(*(partial(work, part) for part in range(THREADS)))
    finally:
        issued.disconnect(perhaps)

    rows = Invoice.objects.order_by("sequence")
    assert [row.sequence for row in rows] == list(range(1, THREADS * EACH + 1))
    assert sum(undone.values()) > 3
    assert Series.objects.get().last == THREADS * EACH
    assert not Draft.objects.exclude(state="issued").exists()


def test_two_credit_notes_at_once_take_what_is_left_once(customer, quick_files):
    draft_for(customer, 1000, 2000, cause="order:C1", paid=True)
    issue_all()
    invoice = Invoice.objects.get()

    def credit():
        return len(operations.credit_cause("order:C1", reason=REASON, now=timezone.now()))

    done = at_once(*[credit] * 4)

    assert sum(done) == 1
    assert InvoiceStanding.objects.get().credited_minor == invoice.gross_minor


def test_what_is_withdrawn_while_it_is_issued_is_either_issued_or_withdrawn(customer, quick_files):
    for number in range(6):
        cause = f"order:C{number}"
        draft_for(customer, 1000, cause=cause, paid=True)

        def withdraw(cause=cause):
            with transaction.atomic():
                return operations.credit_cause(cause, reason=REASON, now=timezone.now())

        outcomes = at_once(issue_all, withdraw)

        (notes,) = (each for each in outcomes if isinstance(each, list))
        draft = Draft.objects.get(cause=cause)
        assert (draft.state, bool(notes)) in {("issued", True), ("withdrawn", False)}
