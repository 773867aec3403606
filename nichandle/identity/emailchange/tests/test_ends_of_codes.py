"""A code opens nothing once its time is over, to the second."""

from datetime import timedelta

import pytest

from nichandle.identity.accounts.models import Account
from nichandle.identity.emailchange import operations
from nichandle.identity.emailchange.errors import NoOpenChange, UndoCodeWrong
from nichandle.identity.emailchange.models import Change, ChangeLink
from nichandle.identity.emailchange.outcome.proving import prove_by_link
from nichandle.identity.emailchange.outcome.undo import confirm, undo
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


def test_the_code_of_an_undo_lasts_a_day(customer, post, change, now):
    approving = post.code_to(customer.email)
    prove_by_link(
        secret=link(change, ChangeLink.Kind.PROOF, NEW, expires_at=now + timedelta(days=1)),
        account_id=customer.account.pk,
        visit=Visit(NOWHERE, now),
    )
    enter(customer, approving, now)
    secret = link(change, ChangeLink.Kind.UNDO, customer.email, expires_at=now + timedelta(days=7))
    undo(secret=secret, act=Act.by_itself(now))
    code, end = post.code_to(SPARE), now + timedelta(hours=24)

    with pytest.raises(UndoCodeWrong):
        confirm(secret=secret, code=code, act=Act.by_itself(end))
    assert acts(customer)[0] == "email.undo_code_wrong"
    assert Account.objects.get(pk=customer.account.pk).email == NEW

    assert confirm(secret=secret, code=code, act=Act(NOWHERE, end - A_SECOND)).restored
