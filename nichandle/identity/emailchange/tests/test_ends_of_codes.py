"""A code opens nothing once its time is over, to the second."""

from datetime import timedelta

import pytest

from nichandle.identity.accounts.models import Account
from nichandle.identity.emailchange import operations
from nichandle.identity.emailchange.errors import (
    ChangeSentOften,
    NoOpenChange,
    UndoCodeWrong,
    UndoLinkNotValid,
)
from nichandle.identity.emailchange.models import Change, ChangeLink
from nichandle.identity.emailchange.outcome.proving import prove_by_link
from nichandle.identity.emailchange.outcome.undo import CODE_LIFETIME, TIMES, confirm, undo
from nichandle.identity.emailchange.telling import link
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.origin import NOWHERE

pytestmark = pytest.mark.django_db
NEW, SPARE = "diane@new.example", "spare@example.net"
A_SECOND = timedelta(seconds=1)


@pytest.fixture
def change(customer, now) -> Change:
    long_ago = now - timedelta(days=30)
    customer.account.recovery_addresses.create(
        address=SPARE, address_key=SPARE, added_at=long_ago, proven_at=long_ago
    )
    return operations.request_change(
        account_id=customer.account.pk, address=NEW, act=Act.by_itself(now)
    )


def enter(customer, code, now) -> Change:
    return operations.confirm_code(
        account_id=customer.account.pk, code=code, key=None, act=Act.by_itself(now)
    )


def acts(customer) -> list[str]:
    return [entry.act for entry in ledger.entries_of(customer.account.pk).rows]


def test_the_code_ends_with_its_request_though_the_worker_be_away(customer, post, change):
    code = post.code_to(customer.email)
    change.refresh_from_db()
    end = change.lapses_at

    for typed in (code, "BBBB-BBBB"):
        with pytest.raises(NoOpenChange):
            enter(customer, typed, end)
    assert "email.change_code_wrong" not in acts(customer)

    assert enter(customer, code, end - A_SECOND).by_code


@pytest.fixture
def secret(customer, post, change, now) -> str:
    """Return the undo link of a change that the current address approved with its code."""
    approving = post.code_to(customer.email)
    prove_by_link(
        secret=link(change, ChangeLink.Kind.PROOF, NEW, expires_at=now + timedelta(days=1)),
        account_id=customer.account.pk,
        visit=Visit(NOWHERE, now),
    )
    enter(customer, approving, now)
    return link(change, ChangeLink.Kind.UNDO, customer.email, expires_at=now + timedelta(days=7))


def test_the_code_of_an_undo_lasts_a_day(customer, post, secret, now):
    undo(secret=secret, act=Act.by_itself(now))
    code, end = post.code_to(SPARE), now + timedelta(hours=24)

    with pytest.raises(UndoCodeWrong):
        confirm(secret=secret, code=code, act=Act.by_itself(end))
    assert acts(customer)[0] == "email.undo_code_wrong"
    assert Account.objects.get(pk=customer.account.pk).email == NEW

    assert confirm(secret=secret, code=code, act=Act(NOWHERE, end - A_SECOND)).restored


def test_whoever_reads_the_old_mailbox_uses_no_code_up_for_good(customer, post, secret, now):
    for _ in range(TIMES):
        undo(secret=secret, act=Act.by_itself(now))
    last, end = post.code_to(SPARE), now + CODE_LIFETIME
    with pytest.raises(ChangeSentOften):
        undo(secret=secret, act=Act.by_itself(end - A_SECOND))

    # While no new one is sent the last one is good, and when it is over there are new ones.
    assert undo(secret=secret, act=Act.by_itself(end)).by_code
    code = post.code_to(SPARE)
    assert code != last
    assert confirm(secret=secret, code=code, act=Act(NOWHERE, end)).restored


def test_the_last_code_of_an_undo_is_good_while_no_other_is_sent(customer, post, secret, now):
    for _ in range(TIMES):
        undo(secret=secret, act=Act.by_itself(now))
    code, later = post.code_to(SPARE), now + CODE_LIFETIME - A_SECOND
    with pytest.raises(ChangeSentOften):
        undo(secret=secret, act=Act.by_itself(later))

    assert confirm(secret=secret, code=code, act=Act(NOWHERE, later)).restored


def test_an_undo_uses_its_link_up_at_that_moment(customer, secret, post, now):
    other = link(
        Change.objects.get(), ChangeLink.Kind.UNDO, SPARE, expires_at=now + timedelta(days=7)
    )
    undo(secret=secret, act=Act.by_itself(now))
    assert not ChangeLink.objects.filter(kind="undo", used_at__isnull=False).exists()
    at = now + timedelta(hours=1)

    confirm(secret=secret, code=post.code_to(SPARE), act=Act(NOWHERE, at))

    used = ChangeLink.objects.filter(kind="undo").values_list("used_at", flat=True)
    assert set(used) == {at}
    for pressed in (secret, other):
        with pytest.raises(UndoLinkNotValid):
            undo(secret=pressed, act=Act.by_itself(at))
