"""The ledger: issued once, for ever; found in any spelling; true under many threads."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from nichandle.handles import operations, queries
from nichandle.handles.identifier import Identifier
from nichandle.handles.models import Handle
from nichandle.kernel.database import is_postgresql


@pytest.mark.django_db
def test_an_issued_identifier_has_the_form_and_the_check_digit(now):
    handle = operations.issue(letters="dm", now=now)

    read = Identifier.read(handle.text)
    assert (read.letters, len(read.digits), read.suffix) == ("dm", 6, "OVH")
    assert read.checked
    assert not read.digits.startswith("0")
    assert Handle.objects.get().key == handle.key


@pytest.mark.django_db
def test_issuing_costs_two_statements_however_full_the_ledger(now, django_assert_num_queries):
    for _ in range(3):
        with django_assert_num_queries(2):
            operations.issue(letters="dm", now=now)


@pytest.mark.django_db
def test_identifiers_do_not_tell_how_many_there_are(now):
    digits = [
        int(Identifier.read(operations.issue(letters="dm", now=now).text).digits) for _ in range(40)
    ]

    assert digits != sorted(digits)
    assert max(digits) - min(digits) > 100_000


@pytest.mark.django_db
def test_a_full_pair_widens_to_seven_digits_then_falls_back_to_xx(now, monkeypatch):
    taken = Identifier.make("dm", "11111", settings.NICHANDLE_SUFFIX)
    operations.adopt(text=str(taken), now=now)
    wide = Identifier.make("dm", "111111", settings.NICHANDLE_SUFFIX)
    monkeypatch.setattr(operations, "_body", lambda length: "1" * length)

    assert operations.issue(letters="dm", now=now).text == str(wide)
    assert operations.issue(letters="dm", now=now).text.startswith("xx")
    assert operations.issue(letters="dm", now=now).text.startswith("xx")
    with pytest.raises(operations.LedgerFull):
        operations.issue(letters="dm", now=now)


@pytest.mark.django_db
def test_an_identifier_and_an_alias_are_found_in_any_spelling(now, django_assert_num_queries):
    main = operations.adopt(text="dm429850-OVH", now=now)
    operations.adopt(text="DMER-RIPE", now=now, alias_of=main)

    for typed in ("dm429850-OVH", "DM429850OVH", " dm 429 850 ", "dm42985O-ovh", "dmer ripe"):
        with django_assert_num_queries(1):
            assert queries.resolve(typed) == main, typed
    for typed in ("dm429851", "dm@429850", "", "x" * 300):
        assert queries.resolve(typed) is None, typed


@pytest.mark.django_db
def test_what_could_mean_two_means_none(now):
    operations.adopt(text="dm1234-OVH", now=now)
    operations.adopt(text="dm1234", now=now)

    assert queries.resolve("dm1234") is None
    assert queries.resolve("dm1234-OVH").text == "dm1234-OVH"


@pytest.mark.django_db
def test_candidates_at_one_mistake_are_for_agents(now, django_assert_num_queries):
    handle = operations.adopt(text="dm429850-OVH", now=now)

    for typed in ("dm429851", "dm42985", "dm4298500", "dn429850-OVH", "dm249850"):
        assert queries.resolve(typed) is None
        with django_assert_num_queries(1):
            assert queries.candidates(typed) == [handle], typed
    assert queries.candidates("zz000000") == []


@pytest.mark.django_db
def test_adopting_twice_is_the_same_and_another_meaning_is_refused(now):
    main = operations.adopt(text="dm429850-OVH", now=now)
    alias = operations.adopt(text="OLD1-RIPE", now=now, alias_of=main)

    assert operations.adopt(text="old1-ripe", now=now, alias_of=main) == alias
    with pytest.raises(operations.HandleTaken):
        operations.adopt(text="OLD1-RIPE", now=now)
    with pytest.raises(operations.HandleNotValid):
        operations.adopt(text="not a handle!", now=now)


@pytest.mark.django_db
def test_an_identifier_outlives_its_account_and_is_never_issued_again(customer, now):
    customer.account.delete()

    assert Handle.objects.filter(text=customer.handle).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Handle.objects.create(
            key=Identifier.read(customer.handle).key,
            text=customer.handle,
            kind=Handle.Kind.ISSUED,
            issued_at=now,
        )


def _issue_in_thread(now) -> str:
    try:
        with transaction.atomic():
            return operations.issue(letters="dm", now=now).text
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_many_threads_with_the_same_initials_never_share_an_identifier(now, monkeypatch):
    # Few digits to draw from, so that the threads do collide.
    monkeypatch.setattr(operations, "_body", _few_bodies())

    with ThreadPoolExecutor(16) as pool:
        issued = list(pool.map(lambda _: _issue_in_thread(now), range(128)))

    assert len(set(issued)) == 128
    assert Handle.objects.count() == 128


def _few_bodies():
    original = operations._body
    return lambda length: (
        original(length)[:2] + "0" * (length - 2) if length == 5 else original(length)
    )


@pytest.mark.django_db(transaction=True)
def test_sixty_three_creations_commit_while_one_holds_its_own_open(now):
    if not is_postgresql():
        # SQLite has one writer: the others wait for it, which the test above has shown.
        assert connection.vendor == "sqlite"
        return
    held, finished = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                operations.issue(letters="dm", now=now)
                held.set()
                assert finished.wait(30)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(10)
    with ThreadPoolExecutor(21) as pool:
        issued = list(pool.map(lambda _: _issue_in_thread(now), range(63)))
    assert Handle.objects.count() == 63
    finished.set()
    holder.join()

    assert len(set(issued)) == 63
    assert Handle.objects.count() == 64
