"""A case from its opening to its effect: who is told, who decides, how long it waits."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from conftest import PASSWORD, text_of, waiting_code
from nichandle.accounts.models import Account, AddressReservation, RecoveryAddress
from nichandle.audit import queries as ledger
from nichandle.cases import effect, filing, objections, reviewing
from nichandle.cases.errors import (
    AddressOpensAnAccount,
    CannotConfirm,
    CaseCodeSpent,
    CaseCodeWrong,
    CaseOver,
    CaseSentOften,
    DecidedAlready,
    EnoughReviewers,
    FilingGone,
    MethodMissing,
    NotEstablished,
    NothingToGrant,
    NoticeLinkNotValid,
    NotYourCase,
    OwnCase,
    ReasonMissing,
    WordsMissing,
)
from nichandle.cases.models import Case, Notice, Objection, Review
from nichandle.cases.operations import open_case
from nichandle.cases.tests.conftest import ITEMS, NEW, ORIGIN, deliver, make_reviewer, work
from nichandle.emailchange import operations as emailchange
from nichandle.emailchange.models import Change
from nichandle.factors.models import Totp
from nichandle.notme.operations import mint, use
from nichandle.outbox.models import Mail
from nichandle.outbox.operations import give_up, give_up_old
from nichandle.pauses import queries as pauses
from nichandle.pauses.operations import AddressTooYoung, Paused, ask_to_shorten, require
from nichandle.recovery.models import PasswordHold, PasswordReset
from nichandle.signin.known import FORGOTTEN
from nichandle.signin.models import KnownBrowser, Session

pytestmark = pytest.mark.django_db


def told(template: str) -> set[str]:
    mails = Mail.objects.filter(template=f"cases/mail/{template}")
    return set(mails.values_list("recipient", flat=True))


def acts(account: Account) -> list[str]:
    return [entry.act for entry in ledger.all_entries(account.pk)]


def address_of(account: Account) -> str:
    return Account.objects.get(pk=account.pk).email


def object_by_link(world, secret: str) -> None:
    objections.object_by_link(secret=secret, words="No!", origin=ORIGIN, now=world.now)


def confirm(world, secret: str) -> None:
    objections.confirm(secret=secret, origin=ORIGIN, now=world.now)


# Opening.


def test_opening_tells_every_known_address_and_freezes_nothing(world, customer, add_recovery):
    old, young = add_recovery("old@example.org"), add_recovery("young@example.org", days=2)

    case = world.open()

    assert told("opened") == {customer.email, old, young}
    links = Notice.objects.filter(case=case).exclude(digest=None)
    assert set(links.values_list("address", flat=True)) == {customer.email, old}
    assert told("received") == {NEW}
    assert "case.opened" in acts(customer.account)
    customer.sign_in()


def test_a_code_is_counted_and_said_with_the_tries_left(world):
    world.secret = filing.begin(
        kind="address_lost",
        typed="x",
        address=NEW,
        language="en",
        origin=ORIGIN,
        now=world.now,
    )
    for left in (4, 3, 2, 1):
        with pytest.raises(CaseCodeWrong) as wrong:
            filing.prove(secret=world.secret, code="BBBB-BBBB", origin=ORIGIN, now=world.now)
        assert wrong.value.params == {"left": left}
    for _ in range(2):
        with pytest.raises(CaseCodeSpent):
            filing.prove(secret=world.secret, code="BBBB-BBBB", origin=ORIGIN, now=world.now)
    assert Case.objects.get().wrong_codes == 5


def test_codes_are_sent_again_three_times_and_the_one_before_is_void(world, post):
    values = {"origin": ORIGIN, "now": world.now}
    secret = filing.begin(kind="both_lost", typed="x", address=NEW, language="en", **values)
    first = waiting_code("cases/mail/code", NEW)
    for _ in range(3):
        filing.send_again(secret=secret, **values)
    with pytest.raises(CaseSentOften):
        filing.send_again(secret=secret, **values)
    with pytest.raises(CaseCodeWrong):
        filing.prove(secret=secret, code=first, **values)
    filing.prove(secret=secret, code=waiting_code("cases/mail/code", NEW), **values)


def test_an_address_that_opens_an_account_cannot_be_the_new_one(world, stranger):
    with pytest.raises(AddressOpensAnAccount):
        world.file("address_lost", address=stranger.email)
    assert Case.objects.get().new_proven_at is None


def test_who_lost_the_factor_alone_may_keep_the_address(world, customer):
    world.open("factor_lost", address=customer.email)

    assert world.case.state == "open"


def test_who_lost_the_factor_alone_cannot_bring_the_address_of_another(world, stranger):
    world.open("factor_lost", address=stranger.email)

    assert (world.case.state, world.case.reasons) == ("refused", ["address_in_use"])


def test_what_is_not_sent_within_two_days_is_gone(world):
    secret = world.file()
    world.clock.shift(timedelta(hours=49))

    with pytest.raises(FilingGone):
        filing.send(secret=secret, origin=ORIGIN, now=world.now)
    assert filing.clear_old(now=world.now)
    assert not Case.objects.exists()


# Reviewing.


def test_two_different_reviewers_approve(world):
    world.open()
    world.approve(0)
    assert world.case.state == "open"
    world.approve(1)

    assert world.case.state == "approved"
    assert told("approved") == {world.customer.email}
    assert told("claim_approved") == {NEW}


def test_the_same_reviewer_counts_once(world):
    world.open()
    world.approve(0)
    with pytest.raises(DecidedAlready):
        world.approve(0)

    assert world.case.state == "open"
    assert Review.objects.count() == 1


def test_nobody_decides_without_having_taken_the_case_up(world):
    world.open()
    values = {"number": world.number, "reviewer_id": world.reviewers[0].pk, "now": world.now}

    with pytest.raises(NotYourCase):
        reviewing.approve(**values, ticks=ITEMS, method="", words="")
    with pytest.raises(NotYourCase):
        reviewing.refuse(**values, reasons=["unreadable"], words="")


def test_two_are_enough_and_one_may_leave_it_to_another(world):
    world.open()
    for which in (0, 1):
        reviewing.take(number=world.number, reviewer_id=world.reviewers[which].pk, now=world.now)
    third = {"number": world.number, "reviewer_id": world.reviewers[2].pk, "now": world.now}
    with pytest.raises(EnoughReviewers):
        reviewing.take(**third)
    reviewing.give_back(number=world.number, reviewer_id=world.reviewers[0].pk, now=world.now)
    reviewing.take(**third)


def test_a_reviewer_does_not_review_a_case_of_their_own(world):
    own = make_reviewer("Eve")
    own.email_key = NEW
    own.save()
    world.open()

    with pytest.raises(OwnCase):
        reviewing.take(number=world.number, reviewer_id=own.pk, now=world.now)


def test_a_reviewer_who_left_decides_nothing(world):
    world.open()
    reviewing.take(number=world.number, reviewer_id=world.reviewers[0].pk, now=world.now)
    world.reviewers[0].active = False
    world.reviewers[0].save()

    with pytest.raises(NotYourCase):
        world.approve(0)


def test_papers_not_ticked_need_words_instead(world):
    world.open()
    values = {"number": world.number, "reviewer_id": world.reviewers[0].pk, "now": world.now}
    reviewing.take(**values)
    with pytest.raises(NotEstablished):
        reviewing.approve(**values, ticks=["identity"], method="", words=" ")
    reviewing.approve(**values, ticks=[], method="", words="Known by voice, called back.")


def test_one_refusal_ends_it_with_reasons_that_both_sides_read(world, customer):
    world.open()
    values = {"number": world.number, "reviewer_id": world.reviewers[0].pk, "now": world.now}
    reviewing.take(**values)
    with pytest.raises(ReasonMissing):
        reviewing.refuse(**values, reasons=["address_in_use", "nonsense"], words="")
    reviewing.refuse(**values, reasons=["unreadable", "outdated"], words="Page 2 is cut off.")

    assert world.case.state == "refused"
    assert told("refused") == {customer.email}
    mail = Mail.objects.get(template="cases/mail/claim_refused")
    assert mail.recipient == NEW
    assert len(mail.context["reasons"]) == 2
    assert mail.context["remark"] == "Page 2 is cut off."
    with pytest.raises(CaseOver):
        world.approve(1)


def test_an_approved_case_can_still_be_refused_before_its_effect(world):
    world.approved()
    values = {"number": world.number, "reviewer_id": world.reviewers[1].pk, "now": world.now}
    reviewing.refuse(**values, reasons=["other_holder"], words="")
    world.later(days=30)

    assert world.case.state == "refused"
    assert address_of(world.customer.account) == world.customer.email


def test_a_case_without_effect_is_closed_with_words(world, customer, origin):
    case = open_case(account_id=customer.account.pk, kind="not_me", origin=origin, now=world.now)
    values = {"number": case.number, "reviewer_id": world.reviewers[0].pk, "now": world.now}
    reviewing.take(**values)
    with pytest.raises(NothingToGrant):
        reviewing.approve(**values, ticks=[], method="", words="fine")
    with pytest.raises(WordsMissing):
        reviewing.close(**values, words=" ")
    reviewing.close(**values, words="We found nothing else.")

    assert Case.objects.get().state == "closed"
    assert told("closed") == {customer.email}


def test_a_case_that_would_give_access_cannot_just_be_closed(world):
    world.open()
    values = {"number": world.number, "reviewer_id": world.reviewers[0].pk, "now": world.now}
    reviewing.take(**values)
    with pytest.raises(CaseOver):
        reviewing.close(**values, words="done")


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
    inform = {"who": "the treasurer", "words": "?", "origin": ORIGIN}
    if when == "before":
        objections.inform(number=world.number, now=world.now, **inform)
    confirm(world, secret)
    world.approve(0)
    world.approve(1)
    deliver()
    if when == "after":
        objections.inform(number=world.number, now=world.now, **inform)
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
    values = {"number": world.number, "words": "", "origin": ORIGIN, "now": world.now}
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
            origin=ORIGIN,
            now=world.now,
        )
    assert not Objection.objects.exists()


def test_a_contact_s_objection_is_information(world):
    world.approved()
    due = world.case.due_at
    objections.inform(number=world.number, who="pm1-OVH", words="?", origin=ORIGIN, now=world.now)

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


# The effect.


def everything(world, customer, add_recovery, stranger) -> str:
    """Give the account one of all that a case must end."""
    add_recovery("spare@example.org")
    customer.sign_in()
    account = customer.account
    emailchange.request_change(
        account_id=account.pk, address="other@example.org", origin=ORIGIN, now=world.now
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
    filing.withdraw(secret=world.secret, origin=ORIGIN, now=world.now)
    world.later(days=30)

    assert (world.case.state, world.case.key) == ("withdrawn", None)
    assert address_of(world.customer.account) == world.customer.email
    with pytest.raises(CaseOver):
        filing.withdraw(secret=world.secret, origin=ORIGIN, now=world.now)


# Somebody whose identifier nobody has.


def test_a_case_about_nobody_is_refused_with_the_general_reason_alone(world):
    world.open(typed="zz999999-OVH")
    assert world.case.account is None
    values = {"number": world.number, "reviewer_id": world.reviewers[0].pk, "now": world.now}
    reviewing.take(**values)
    with pytest.raises(NothingToGrant):
        reviewing.approve(**values, ticks=ITEMS, method="", words="")
    reviewing.refuse(**values, reasons=["unreadable"], words="There is no such account!")

    assert world.case.reasons == ["not_established"]
    assert world.case.reason_words == ""


def test_a_vetoed_change_may_be_decided_by_a_case(world, customer, origin):
    case = open_case(
        account_id=customer.account.pk,
        kind="change_vetoed",
        origin=origin,
        now=world.now,
        new_address=NEW,
        new_proven_at=world.now,
    )
    world.number = case.number
    world.approve(0)
    world.approve(1)
    deliver()
    work()
    world.later(hours=72)

    assert address_of(customer.account) == NEW


def test_the_new_address_does_not_end_the_pause_that_its_own_case_began(world, customer):
    """It was proven in the case: it is no older than what the seven days are there for."""
    world.approved()
    world.later(hours=72)
    running = pauses.all_running(customer.account.pk, now=world.now)

    assert [pause.cause for pause in running] == ["case_effect"]
    assert pauses.addresses_that_shorten(running) == []
    with pytest.raises(AddressTooYoung):
        ask_to_shorten(account_id=customer.account.pk, address=NEW, origin=ORIGIN, now=world.now)
