"""What waits for its number may still change, and only then."""

from dataclasses import replace

import pytest
from django.utils import timezone

from nichandle.commerce.invoices import operations
from nichandle.commerce.invoices.models import Draft
from nichandle.commerce.invoices.tests.helpers import REASON, document_of, draft_for, euros

pytestmark = pytest.mark.django_db


def test_one_cause_is_drafted_once(customer):
    first = draft_for(customer, 1000, cause="order:C1")
    second = draft_for(customer, 9900, cause="order:C1")

    assert first == second
    assert Draft.objects.get().facts == document_of(customer, 1000)


def test_a_cause_credited_before_issue_is_withdrawn(customer):
    draft_for(customer, 1000, cause="order:C1")

    assert operations.credit_cause("order:C1", reason=REASON, now=timezone.now()) == []

    assert Draft.objects.get().state == "withdrawn"


def test_lines_credited_before_issue_are_taken_out_and_so_is_what_was_paid_for_them(customer):
    draft_for(customer, 1000, 2000, 3000, cause="order:C1", paid=True)

    operations.credit_cause("order:C1", reason=REASON, lines=[1], now=timezone.now())

    left = Draft.objects.get()
    assert left.state == "waiting"
    assert [line.net for line in left.facts.lines] == [euros(1000), euros(3000)]
    assert left.facts.totals.gross == left.facts.paid.amount == euros(4800)


def test_a_place_taken_out_is_called_by_its_place_in_the_quote_ever_after(customer):
    draft_for(customer, 1000, 2000, 3000, cause="order:C1")

    operations.credit_cause("order:C1", reason=REASON, lines=[0], now=timezone.now())
    operations.credit_cause("order:C1", reason=REASON, lines=[1], now=timezone.now())

    assert [line.net for line in Draft.objects.get().facts.lines] == [euros(3000)]


def test_what_is_outside_vat_is_drafted_apart_with_its_part_of_what_was_paid(customer):
    whole = document_of(customer, 1000, 2000, paid=True)
    abroad = document_of(customer, 2000)
    outside = abroad.lines[0].vat.as_json() | {"category": "O", "rate": "0"}
    vat = type(abroad.lines[0].vat).of_json(outside)
    lines = (whole.lines[0], replace(whole.lines[1], vat=vat))

    operations.draft(
        account_id=customer.account.pk,
        handle=customer.handle,
        document=replace(whole, lines=lines),
        cause="order:C1",
        now=timezone.now(),
    )

    drafts = list(Draft.objects.order_by("part"))
    assert [each.places for each in drafts] == [[0], [1]]
    assert [each.facts.totals.gross for each in drafts] == [euros(1200), euros(2000)]
    assert [each.facts.paid.amount for each in drafts] == [euros(1200), euros(2000)]
