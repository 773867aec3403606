"""The account's row before any other: who takes them in another order waits for ever."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from nichandle.identity.accounts.queries import lock_account
from nichandle.identity.notme.models import NotMeLink
from nichandle.identity.notme.operations import mint
from nichandle.identity.recovery import links, not_me, operations
from nichandle.identity.recovery.models import PasswordReset, ResetStop
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act

pytestmark = pytest.mark.django_db(transaction=True)


def reset_secret(customer, now):
    minted = tokens.mint()
    PasswordReset.objects.create(
        account=customer.account,
        digest=minted.digest,
        address=customer.email,
        created_at=now,
        expires_at=now + timedelta(hours=1),
    )
    return minted.secret


def set_password(customer, now):
    secret = reset_secret(customer, now)
    return operations, lambda: operations.set_new_password(
        secret=secret, password="carafe violette sur le quai", act=Act.by_itself(now)
    )


def stop(customer, now):
    minted = tokens.mint()
    ResetStop.objects.create(
        account=customer.account,
        digest=minted.digest,
        created_at=now,
        expires_at=now + timedelta(hours=1),
    )
    return links, lambda: links.stop(secret=minted.secret, act=Act.by_itself(now))


def disown(customer, now):
    secret = mint(
        account_id=customer.account.pk, event="signin.succeeded", address=customer.email, now=now
    )
    return not_me, lambda: not_me.disown(secret=secret, act=Act.by_itself(now))


@pytest.mark.parametrize("act", [set_password, stop, disown])
def test_an_act_by_link_and_one_that_holds_the_account_both_come_to_their_end(
    customer, monkeypatch, act
):
    """Half way through the first, the second takes the account, the links, the ledger's end."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer: nobody can wait in a circle")
    now = timezone.now()
    room, work = act(customer, now)
    half_way, has_account, broken = threading.Event(), threading.Event(), []

    def record_slowly(*given, **named):
        half_way.set()
        has_account.wait(0.5)
        return record(*given, **named)

    monkeypatch.setattr(room, "record", record_slowly)

    def first() -> None:
        work()

    def second() -> None:
        half_way.wait(5)
        with transaction.atomic():
            lock_account(customer.account.pk)
            has_account.set()
            for rows in (PasswordReset, ResetStop):
                rows.objects.filter(account=customer.account).update(expires_at=now)
            NotMeLink.objects.filter(account=customer.account).update(expires_at=now)
            record(
                "email.change_withdrawn",
                account_id=customer.account.pk,
                act=Act.by_itself(timezone.now()),
            )

    def run(what) -> None:
        try:
            what()
        except OperationalError as failure:
            broken.append(str(failure).splitlines()[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[what]) for what in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not broken
