"""How long an approved case waits, who saves the wait, and whose objection lengthens it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.cases.errors import (
    CannotConfirm,
    CaseOver,
    MethodMissing,
    NoticeLinkNotValid,
)
from nichandle.identity.cases.models import Case, Objection
from nichandle.identity.cases.review import effect, objections
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail
from nichandle.platform.outbox.operations import give_up, give_up_old
from tests.support.cases import NEW, ORIGIN, address_of, confirm, object_by_link
from tests.support.post import deliver

pytestmark = pytest.mark.django_db


# The wait.


def test_it_takes_effect_72_hours_after_the_notices_were_delivered_and_not_before(world):
    world.approved()
    world.later(hours=71, minutes=59)
    assert address_of(world.customer.account) == world.customer.email
    world.later(minutes=1)

    assert address_of(world.customer.account) == NEW
    assert world.case.state == "done"


def test_while_mail_is_stuck_the_wait_does_not_begin(world):
    world.open()
    deliver()
    world.approve(0)
    world.approve(1)
    world.later(days=2)
    assert world.case.due_at is None
    deliver()
    world.later(hours=71)
    assert world.case.state == "approved"
    world.later(hours=1)
    assert world.case.state == "done"


def test_the_last_of_the_notices_counts(world, add_recovery):
    spare = add_recovery("spare@example.org")
    world.open()
    deliver()
    world.approve(0)
    world.approve(1)
    deliver(to=world.customer.email)
    world.later(days=1)
    assert world.case.due_at is None
    deliver(to=spare)

    assert world.case.due_at == world.now + timedelta(hours=72)


def test_a_mailbox_that_is_refused_for_good_does_not_hold_it_up_for_ever(world):
    world.open()
    deliver()
    world.approve(0)
    world.approve(1)
    deliver(to=world.customer.email, how="refuse")

    assert world.case.due_at == world.now + timedelta(hours=72)


def test_after_three_days_without_mail_server_the_notice_is_written_anew(world):
    world.open()
    deliver()
    world.approve(0)
    world.approve(1)
    old = world.notice()
    world.clock.shift(timedelta(days=3, minutes=1))
    assert give_up_old(error="away", now=world.now)
    again = Mail.objects.filter(template="cases/mail/approved", state="queued")

    assert again.count() == 1
    assert world.case.due_at is None
    assert world.notice() != old
    with pytest.raises(NoticeLinkNotValid):
        object_by_link(world, old)
    deliver()
    assert world.case.due_at == world.now + timedelta(hours=72)


def test_a_notice_that_cannot_be_made_is_not_written_for_ever(world):
    world.open()
    deliver()
    world.approve(0)
    world.approve(1)
    for mail in Mail.objects.filter(template="cases/mail/approved", state="queued"):
        give_up(mail, error="broken", now=world.now)

    assert not Mail.objects.filter(template="cases/mail/approved", state="queued").exists()
    world.later(days=40)
    assert address_of(world.customer.account) == world.customer.email


# The waiver.


def test_the_old_address_itself_may_save_the_wait(world):
    world.open()
    confirm(world, world.notice())
    world.approve(0)
    world.approve(1)
    world.later(minutes=1)

    assert world.case.state == "done"


def test_confirmed_after_the_decision_it_takes_effect_at_once(world):
    world.open()
    world.approve(0)
    world.approve(1)
    secret = world.notice()
    deliver()
    world.later(hours=3)
    confirm(world, secret)
    world.later(minutes=1)

    assert world.case.state == "done"


@pytest.mark.parametrize("kind", ["factor_lost", "both_lost"])
def test_a_factor_never_goes_without_the_wait(world, kind):
    world.open(kind)
    with pytest.raises(CannotConfirm):
        confirm(world, world.notice())
    Case.objects.update(confirmed_at=world.now)
    world.approve(0)
    world.approve(1)
    deliver()
    world.later(hours=71)

    assert world.case.state == "approved"


def test_a_recovery_address_cannot_save_the_wait(world, add_recovery):
    spare = add_recovery("spare@example.org")
    world.open()

    with pytest.raises(CannotConfirm):
        confirm(world, world.notice(spare))


def test_an_address_brought_after_the_opening_cannot_confirm(world, customer):
    """A thief who takes the primary address meanwhile does not speed up a case of theirs."""
    world.open()
    secret = world.notice()
    Account.objects.filter(pk=customer.account.pk).update(
        email_proven_at=world.now + timedelta(minutes=1)
    )
    with pytest.raises(CannotConfirm):
        confirm(world, secret)


@pytest.mark.parametrize("when", ["before", "after"])
def test_anybody_s_objection_ends_the_waiver(world, when):
    world.open()
    secret = world.notice()
    inform = {"who": "the treasurer", "words": "?"}
    if when == "before":
        objections.inform(number=world.number, act=Act(ORIGIN, world.now), **inform)
    confirm(world, secret)
    world.approve(0)
    world.approve(1)
    deliver()
    if when == "after":
        objections.inform(number=world.number, act=Act(ORIGIN, world.now), **inform)
    world.later(hours=71)
    assert world.case.state == "approved"
    world.later(hours=1)

    assert world.case.state == "done"


# Objections.


def test_an_objection_adds_seven_days_once_and_a_third_reviewer_who_calls_back(world):
    world.open()
    secret = world.notice()
    object_by_link(world, secret)
    object_by_link(world, secret)
    assert Objection.objects.count() == 1
    world.approve(0)
    world.approve(1)
    assert world.case.state == "open"
    with pytest.raises(MethodMissing):
        world.approve(2)
    world.approve(2, "call_back")
    deliver()
    world.later(days=9, hours=23)
    assert world.case.state == "approved"
    world.later(hours=1)

    assert world.case.state == "done"


def test_an_objection_after_the_approval_takes_it_back(world):
    world.open()
    world.approve(0)
    world.approve(1)
    secret = world.notice()
    deliver()
    begun = world.now
    world.later(hours=71)
    object_by_link(world, secret)
    assert (world.case.state, world.case.due_at) == ("open", None)
    world.later(hours=30)
    assert address_of(world.customer.account) == world.customer.email
    world.approve(2, "post")
    deliver()

    # Seven days are added to the first wait.
    assert world.case.due_at == begun + timedelta(days=10)


def test_after_a_late_second_decision_72_hours_pass_anew(world):
    world.open()
    world.approve(0)
    world.approve(1)
    secret = world.notice()
    deliver()
    object_by_link(world, secret)
    world.later(days=20)
    world.approve(2, "post")
    deliver()

    assert world.case.due_at == world.now + timedelta(hours=72)


def test_a_second_objection_adds_nothing(world, add_recovery):
    spare = add_recovery("spare@example.org")
    world.open()
    object_by_link(world, world.notice())
    world.approve(0)
    world.approve(1)
    world.approve(2, "post")
    second = world.notice(spare)
    deliver()
    due = world.case.due_at
    object_by_link(world, second)

    assert (world.case.state, world.case.due_at) == ("approved", due)
    assert Objection.objects.count() == 2


def test_a_young_address_has_no_link_to_object_with(world, add_recovery):
    young = add_recovery("thief@example.net", days=1)
    world.open()

    with pytest.raises(AssertionError, match="no notice"):
        world.notice(young)


def test_an_address_removed_lately_may_still_object(world, add_recovery, customer):
    removed = add_recovery("removed@example.org")
    customer.account.recovery_addresses.update(removed_at=timezone.now() - timedelta(days=2))
    world.open()
    object_by_link(world, world.notice(removed))

    assert world.case.contested_at is not None


def test_a_fresh_sign_in_objects(world, customer):
    world.open()
    values = {"number": world.number, "words": "", "act": Act(ORIGIN, world.now)}
    objections.object_signed_in(account_id=customer.account.pk, **values)

    assert world.case.contested_at is not None
    assert Objection.objects.get().by == "signin"


def test_a_stranger_signed_in_objects_to_nothing(world, stranger):
    world.open()
    with pytest.raises(CaseOver):
        objections.object_signed_in(
            account_id=stranger.account.pk,
            number=world.number,
            words="",
            act=Act(ORIGIN, world.now),
        )
    assert not Objection.objects.exists()


def test_a_notice_to_an_address_given_up_since_objects_to_nothing(world, customer, visitor):
    """The thief's address was the primary when the case opened; then the change was undone."""
    owner, thief = customer.email, "thief@example.net"
    Account.objects.filter(pk=customer.account.pk).update(email=thief, email_key=thief)
    world.open()
    secret = world.notice(thief)
    Account.objects.filter(pk=customer.account.pk).update(email=owner, email_key=owner)

    assert visitor.get(f"/procedure/notice/{secret}").status_code == 410
    with pytest.raises(NoticeLinkNotValid):
        object_by_link(world, secret)
    assert not Objection.objects.exists()


def test_a_contact_s_objection_is_information(world):
    world.approved()
    due = world.case.due_at
    objections.inform(number=world.number, who="pm1-OVH", words="?", act=Act(ORIGIN, world.now))

    assert (world.case.state, world.case.due_at) == ("approved", due)
    assert not Objection.objects.get().deciding


def test_a_thief_who_objects_to_the_owner_s_case_only_delays_it(world, add_recovery):
    """Both mailboxes are the thief's; the owner is called back and gets the account."""
    spare = add_recovery("thief@example.net")
    world.open()
    object_by_link(world, world.notice())
    object_by_link(world, world.notice(spare))
    for which, method in ((0, ""), (1, ""), (2, "call_back")):
        world.approve(which, method)
    deliver()
    world.later(days=10)

    assert address_of(world.customer.account) == NEW


def test_an_objection_that_comes_before_the_rows_are_written_wins(world):
    world.open()
    world.approve(0)
    world.approve(1)
    secret = world.notice()
    deliver()
    due = list(Case.objects.filter(state="approved"))
    world.clock.shift(timedelta(hours=80))
    object_by_link(world, secret)

    assert not effect.apply_one(due[0], now=world.now)
    assert address_of(world.customer.account) == world.customer.email


def test_after_the_effect_nothing_can_be_objected(world):
    world.open()
    world.approve(0)
    world.approve(1)
    secret = world.notice()
    deliver()
    world.later(hours=72)

    with pytest.raises(NoticeLinkNotValid):
        object_by_link(world, secret)
