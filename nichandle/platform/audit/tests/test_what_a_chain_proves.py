"""Chains by somebody who knows the arithmetic: hashes that fit, numbers and links that do not."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.conf import settings

from nichandle.platform.audit import chain, operations, queries
from nichandle.platform.audit.models import Anchor, Entry, Head
from nichandle.platform.audit.tests.tampering import tamper
from nichandle.platform.kernel.act import Act

pytestmark = pytest.mark.django_db
MINE, OTHER = uuid4(), uuid4()


def entries(now, *numbers: int, account_id: UUID = MINE) -> list[Entry]:
    """Forge a chain with these numbers: each hash is right, and each entry names the one before."""
    made: list[Entry] = []
    for number in numbers:
        previous = made[-1].hash if made else ""
        details, salt = chain.canonical({}), chain.new_salt()
        digest = chain.details_digest(details, salt)
        fixed = {"account_id": account_id, "number": number, "previous": previous, "at": now}
        hashed = chain.entry_hash(**fixed, act="signin.succeeded", digest=digest)
        said = {"act": "signin.succeeded", "details": details, "salt": salt}
        made.append(Entry(**fixed, **said, details_digest=digest, hash=hashed))
    return made


@pytest.mark.parametrize(
    ("numbers", "holds", "broken"),
    [((1, 2, 3), 3, None), ((2, 3), 0, 1), ((1, 3, 4), 1, 2), ((1, 1, 2), 1, 2), ((1, 2, 2), 2, 3)],
)
def test_numbers_have_no_gap_and_none_twice_though_all_hashes_fit(now, numbers, holds, broken):
    forged = entries(now, *numbers)

    found = chain.walk(forged)

    assert (found.number, found.broken) == (holds, broken)
    assert found.hash == (forged[holds - 1].hash if holds else "")


def test_what_is_shown_in_part_is_linked_by_number_and_by_hash(now):
    first, second, third = entries(now, 1, 2, 3)
    gap = entries(now, 1, 3)
    foreign = entries(now + timedelta(seconds=1), 1, 2)[1]

    assert chain.linked([first, second, third])
    assert chain.linked([second, third])
    assert chain.linked([])
    assert not chain.linked([first, third])
    assert not chain.linked([second, first])
    assert not chain.linked(gap), "the hashes follow each other, the numbers do not"
    assert not chain.linked([first, foreign]), "the numbers follow each other, the hashes do not"
    second.act = "signin.failed"
    assert not chain.linked([first, second])
    assert not chain.valid([first, second])


def test_a_salt_is_128_bits_and_another_each_time():
    salts = {chain.new_salt() for _ in range(100)}

    assert len(salts) == 100
    assert {len(bytes.fromhex(salt)) for salt in salts} == {16}


@pytest.fixture
def cut(origin, now, settings, tmp_path) -> None:
    """Cut the last of two entries off each of two chains, after both were anchored."""
    settings.NICHANDLE_DATA = tmp_path
    for account_id in (MINE, OTHER):
        for minutes in range(2):
            act = Act(origin, now + timedelta(minutes=minutes))
            operations.record("signin.succeeded", account_id=account_id, act=act)
    operations.anchor(now=now)
    tamper("DELETE FROM audit_entry WHERE number = 2")
    for first in Entry.objects.all():
        Head.objects.filter(account_id=first.account_id).update(number=1, hash=first.hash)


def told(account_id: UUID | None = None) -> set[tuple[UUID | None, int]]:
    found = queries.faults(account_id, copies=settings.NICHANDLE_DATA / "anchors")
    return {(fault.account_id, fault.number) for fault in found}


def test_what_an_anchor_has_seen_is_missed_in_the_chain_that_is_asked_for(cut):
    assert told() == {(MINE, 2), (OTHER, 2)}
    assert told(MINE) == {(MINE, 2)}
    assert told(OTHER) == {(OTHER, 2)}
    assert told(uuid4()) == set()


def test_what_is_wrong_with_anchors_is_said_of_no_chain(cut):
    Anchor.objects.all().delete()

    assert (None, 0) in told()
    assert told() == {(None, 0), (MINE, 2), (OTHER, 2)}
