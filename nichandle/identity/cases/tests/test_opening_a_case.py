"""A case is opened: by whom it may be, under which number, and what the ledger says of it."""

import re

import pytest

from nichandle.identity.cases.keeping import numbers
from nichandle.identity.cases.kinds import CHECKLISTS, ITEMS, KINDS
from nichandle.identity.cases.models import Case
from nichandle.identity.cases.operations import open_case
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel.act import Act

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_case_can_be_opened_and_is_in_the_ledger(customer, kind, origin, now):
    case = open_case(account_id=customer.account.pk, kind=kind, act=Act(origin, now), why="veto")

    assert Case.objects.get(number=case.number).facts == {"why": "veto"}
    assert case.state == "open"
    assert "case.opened" in [entry.act for entry in ledger.all_entries(customer.account.pk)]


def test_a_kind_nobody_knows_is_a_fault(customer, origin, now):
    with pytest.raises(KeyError):
        open_case(account_id=customer.account.pk, kind="nonsense", act=Act(origin, now))


def test_a_number_can_be_read_out_and_typed_in_any_spelling():
    drawn = {numbers.draw() for _ in range(2000)}

    assert len(drawn) == 2000
    for number in drawn:
        assert re.fullmatch(r"D-[234679CDFGHJKMNPQRTVWX]{4}-[234679CDFGHJKMNPQRTVWX]{4}", number)
        assert numbers.normalise(number.lower().replace("-", " ")) == number
        assert numbers.normalise(number[2:].replace("-", "")) == number


def test_every_kind_of_holder_has_its_checklist():
    assert set(CHECKLISTS) == {
        "individual",
        "corporation",
        "association",
        "administration",
        "other",
    }
    for items in CHECKLISTS.values():
        assert items
        assert set(items) <= set(ITEMS)
