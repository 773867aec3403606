"""Recovery addresses are proven with a code, established with time, and never the primary one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from nichandle.identity.accounts import (
    queries,
    recovery_addresses,
)
from nichandle.identity.accounts.tests.beginning import acts, begin, open_it
from nichandle.platform.kernel.act import Act
from nichandle.platform.limits.errors import Exhausted
from nichandle.platform.outbox.models import Mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(origin, now, post):
    account = begin(Act(origin, now))
    open_it(account, Act(origin, now), recovery_address="spare@example.net")
    return account


def prove(account, code, act):
    recovery_addresses.prove(account_id=account.pk, code=code, act=act)


def test_a_recovery_address_of_the_creation_is_established_at_once(waiting, origin, now, post):
    prove(waiting, post.code_to("spare@example.net"), Act(origin, now))

    assert queries.recovery_addresses(waiting.pk)[0].established(now)


def test_one_proven_days_later_is_young_for_a_week(waiting, origin, now, post):
    later = now + timedelta(days=3)
    recovery_addresses.send_again(account_id=waiting.pk, act=Act(origin, later))
    prove(waiting, post.code_to("spare@example.net"), Act(origin, later))

    recovery = queries.recovery_addresses(waiting.pk)[0]
    assert not recovery.established(later + timedelta(days=6))
    assert recovery.established(later + timedelta(days=7))


def test_a_recovery_code_lasts_a_day(waiting, origin, now, post):
    code = post.code_to("spare@example.net")
    day = timedelta(hours=24)
    for typed in (code, "BBBB-BBBB"):
        with pytest.raises(recovery_addresses.RecoveryCodeExpired):
            prove(waiting, typed, Act(origin, now + day))
    assert "recovery_address.code_wrong" not in acts(waiting)

    prove(waiting, code, Act(origin, now + day - timedelta(seconds=1)))
    assert "recovery_address.proven" in acts(waiting)


def test_ten_wrong_recovery_codes_a_day_are_counted_then_refused(waiting, origin, now, post):
    code = post.code_to("spare@example.net")
    for _ in range(10):
        with pytest.raises(recovery_addresses.RecoveryCodeWrong):
            prove(waiting, "BBBB-BBBB", Act(origin, now))
    with pytest.raises(Exhausted):
        prove(waiting, code, Act(origin, now))
    assert acts(waiting).count("recovery_address.code_wrong") == 10
    assert recovery_addresses.waiting_since_creation(waiting.pk, now=now)


def test_an_address_is_not_flooded_with_codes_by_many_new_accounts(origin, now):
    def named_by(number: int):
        account = begin(Act(origin, now), f"customer{number}@example.org")
        return account, open_it(account, Act(origin, now), recovery_address="victim@example.net")

    for number in range(4):
        named_by(number)
    with pytest.raises(recovery_addresses.MailedOften) as refusal:
        named_by(4)

    assert refusal.value.field == "recovery_address"
    assert Mail.objects.filter(recipient="victim@example.net").count() == 4
    unopened = queries.by_address_key("customer4@example.org")
    assert unopened.state == "opening"
    assert open_it(unopened, Act(origin, now)).new


def test_a_code_is_sent_again_three_times(waiting, origin, now):
    for _ in range(3):
        recovery_addresses.send_again(account_id=waiting.pk, act=Act(origin, now))
    with pytest.raises(Exhausted):
        recovery_addresses.send_again(account_id=waiting.pk, act=Act(origin, now))
    assert Mail.objects.filter(recipient="spare@example.net").count() == 4


def test_a_newer_code_voids_the_one_before(waiting, origin, now, post):
    first = post.code_to("spare@example.net")
    recovery_addresses.send_again(account_id=waiting.pk, act=Act(origin, now))
    second = post.code_to("spare@example.net")

    with pytest.raises(recovery_addresses.RecoveryCodeWrong):
        prove(waiting, first, Act(origin, now))
    prove(waiting, second, Act(origin, now))


def test_a_code_of_one_account_proves_nothing_in_another(waiting, origin, now, post):
    code = post.code_to("spare@example.net")
    other = begin(Act(origin, now), "paul@example.org")
    open_it(other, Act(origin, now), recovery_address="spare@example.net")

    with pytest.raises(recovery_addresses.RecoveryCodeWrong):
        prove(other, code, Act(origin, now))


def test_a_recovery_address_is_never_the_primary_one_in_another_spelling(origin, now):
    account = begin(Act(origin, now))
    with pytest.raises(recovery_addresses.SameAsPrimary):
        open_it(account, Act(origin, now), recovery_address="DIANE@Example.ORG")
    assert queries.profile(account.pk).state == "opening"
    assert not Mail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_code_entered_twice_at_once_proves_once(origin, now, post):
    account = begin(Act(origin, now))
    open_it(account, Act(origin, now), recovery_address="spare@example.net")
    code = post.code_to("spare@example.net")

    def press(_number: int) -> str:
        try:
            prove(account, code, Act(origin, now))
        except recovery_addresses.NothingToProve:
            return "nothing left"
        finally:
            connection.close()
        return "proven"

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(press, range(6)))

    assert answers.count("proven") == 1
    assert acts(account).count("recovery_address.proven") == 1
    assert Mail.objects.filter(template="accounts/mail/recovery_proven").count() == 2


def test_proving_what_is_proven_says_so(waiting, origin, now, post):
    code = post.code_to("spare@example.net")
    prove(waiting, code, Act(origin, now))
    with pytest.raises(recovery_addresses.NothingToProve):
        prove(waiting, code, Act(origin, now))
