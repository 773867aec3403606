"""What a case does when it takes effect, and what it leaves alone."""

import re
from datetime import timedelta

import pytest

from nichandle.identity.accounts.models import Account, AddressReservation, RecoveryAddress
from nichandle.identity.cases import filing
from nichandle.identity.cases.errors import CaseOver
from nichandle.identity.cases.models import Case, Review
from nichandle.identity.cases.review import effect
from nichandle.identity.emailchange import operations as emailchange
from nichandle.identity.emailchange.models import Change
from nichandle.identity.factors.models import Totp
from nichandle.identity.notme.operations import mint, use
from nichandle.identity.pauses.operations import Paused, require
from nichandle.identity.recovery.models import PasswordHold, PasswordReset
from nichandle.identity.signin.models import KnownBrowser, Session
from nichandle.identity.signin.recognition.browsers import FORGOTTEN
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail
from tests.support.cases import NEW, ORIGIN, acts, address_of, told
from tests.support.people import PASSWORD
from tests.support.post import deliver, text_of

pytestmark = pytest.mark.django_db


def everything(world, customer, add_recovery, stranger) -> str:
    """Give the account one of all that a case must end."""
    add_recovery("spare@example.org")
    customer.sign_in()
    account = customer.account
    emailchange.request_change(
        account_id=account.pk, address="other@example.org", act=Act(ORIGIN, world.now)
    )
    Totp.objects.create(
        account=account, name="app", seed="", seed_digest="d", last_step=0, created_at=world.now
    )
    AddressReservation.objects.create(
        account=account, address_key="before@example.org", until=world.now + timedelta(days=90)
    )
    PasswordHold.objects.create(
        account=account, address=account.email, since=world.now, disowned_at=world.now
    )
    return mint(
        account_id=account.pk, event="signin.succeeded", address=account.email, now=world.now
    )


@pytest.mark.parametrize("kind", ["address_lost", "factor_lost", "both_lost"])
def test_one_address_remains_and_all_else_is_gone(
    world, customer, add_recovery, stranger, kind, post
):
    not_me = everything(world, customer, add_recovery, stranger)
    world.approved(kind)
    PasswordReset.objects.create(
        account=customer.account,
        digest="thief",
        address=customer.email,
        created_at=world.now,
        expires_at=world.now + timedelta(days=9),
    )
    world.later(hours=72)
    account = Account.objects.get(pk=customer.account.pk)

    assert (account.email, account.password) == (NEW, "")
    assert not RecoveryAddress.objects.filter(account=account).exists()
    assert not AddressReservation.objects.filter(account=account).exists()
    assert not Session.objects.exists()
    assert not KnownBrowser.objects.exclude(digest=FORGOTTEN).exists()
    assert Change.objects.get().state == "refused"
    assert Totp.objects.exists() is (kind == "address_lost")
    assert not PasswordHold.objects.exists()
    assert [row.digest == "thief" for row in PasswordReset.objects.filter(ended_at=None)] == [False]
    assert use(not_me, now=world.now) is None
    assert "case.effected" in acts(account)
    assert told("effected") == {customer.email, "spare@example.org"}
    assert Mail.objects.get(template="recovery/mail/given_back").recipient == NEW


def test_sensitive_acts_pause_for_seven_days_but_not_enrolling_a_factor(world, customer):
    world.approved()
    world.later(hours=72)
    account_id = customer.account.pk

    require(account_id, "factor.add", now=world.now)
    with pytest.raises(Paused):
        require(account_id, "email.change", now=world.now + timedelta(days=6))
    require(account_id, "email.change", now=world.now + timedelta(days=7, minutes=1))


def test_the_old_password_opens_nothing_and_the_link_sets_a_new_one(world, customer, post, visitor):
    world.approved()
    world.later(hours=72)
    assert (
        visitor.post("/signin", {"identifier": customer.handle, "password": PASSWORD}).status_code
        == 422
    )
    link = re.search(r"/password/new/\S+", text_of(post.last_to(NEW)))
    assert link

    assert visitor.post(link[0], {"password": "carafe violette sur le quai"}).status_code == 302
    done = {"identifier": NEW, "password": "carafe violette sur le quai"}
    assert visitor.post("/signin", done).status_code == 302


def test_an_address_taken_meanwhile_is_refused_at_the_effect(world, stranger):
    world.approved()
    Account.objects.filter(pk=stranger.account.pk).update(email=NEW, email_key=NEW)
    world.later(hours=72)

    assert (world.case.state, world.case.reasons) == ("refused", ["address_in_use"])
    assert address_of(world.customer.account) == world.customer.email


@pytest.mark.parametrize("state", ["frozen", "closed"])
def test_a_frozen_account_waits_and_a_closed_one_is_left_alone(world, customer, state):
    world.approved()
    Account.objects.filter(pk=customer.account.pk).update(state=state)
    world.later(hours=72)
    assert address_of(customer.account) == customer.email
    assert world.case.state == {"frozen": "approved", "closed": "refused"}[state]
    if state == "frozen":
        Account.objects.filter(pk=customer.account.pk).update(state="active")
        world.later(days=1, minutes=1)
        assert address_of(customer.account) == NEW


def test_cases_run_side_by_side_and_what_was_approved_beside_is_looked_into_again(world):
    world.approved()
    first = world.number
    world.open("address_lost", address="second@example.net")
    deliver()
    second = world.number
    world.clock.shift(timedelta(hours=1))
    world.approve(2, number=second)
    world.approve(3, number=second)
    deliver()
    world.later(hours=71)

    assert Case.objects.get(number=first).state == "done"
    assert Case.objects.get(number=second).state == "open"
    assert not Review.objects.filter(case__number=second, outcome="approved").exists()
    world.later(days=30)
    assert address_of(world.customer.account) == NEW


def test_what_was_applied_is_not_applied_twice(world):
    world.approved()
    assert world.later(hours=72) == 1
    assert effect.apply_due(now=world.now) == 0
    assert Mail.objects.filter(template="recovery/mail/given_back").count() == 1


def test_the_owner_of_a_withdrawn_case_hears_no_more_of_it(world):
    world.approved()
    filing.withdraw(secret=world.secret, act=Act(ORIGIN, world.now))
    world.later(days=30)

    assert (world.case.state, world.case.key) == ("withdrawn", None)
    assert address_of(world.customer.account) == world.customer.email
    with pytest.raises(CaseOver):
        filing.withdraw(secret=world.secret, act=Act(ORIGIN, world.now))
