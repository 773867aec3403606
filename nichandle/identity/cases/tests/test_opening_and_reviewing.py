"""A case is opened, looked into and decided: who is told, who may decide, what about nobody."""

from datetime import timedelta

import pytest

from nichandle.identity.cases import filing
from nichandle.identity.cases.errors import (
    AddressOpensAnAccount,
    CaseCodeSpent,
    CaseCodeWrong,
    CaseOver,
    CaseSentOften,
    DecidedAlready,
    EnoughReviewers,
    FilingGone,
    NotEstablished,
    NothingToGrant,
    NotYourCase,
    OwnCase,
    ReasonMissing,
    WordsMissing,
)
from nichandle.identity.cases.models import Case, Notice, Review
from nichandle.identity.cases.operations import open_case
from nichandle.identity.cases.review import reviewing
from nichandle.identity.pauses import queries as pauses
from nichandle.identity.pauses.operations import AddressTooYoung, ask_to_shorten
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail
from tests.support.cases import ITEMS, NEW, ORIGIN, acts, address_of, make_reviewer, told
from tests.support.post import deliver, waiting_code
from tests.support.worker import work

pytestmark = pytest.mark.django_db


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
        act=Act(ORIGIN, world.now),
    )
    for left in (4, 3, 2, 1):
        with pytest.raises(CaseCodeWrong) as wrong:
            filing.prove(secret=world.secret, code="BBBB-BBBB", act=Act(ORIGIN, world.now))
        assert wrong.value.params == {"left": left}
    for _ in range(2):
        with pytest.raises(CaseCodeSpent):
            filing.prove(secret=world.secret, code="BBBB-BBBB", act=Act(ORIGIN, world.now))
    assert Case.objects.get().wrong_codes == 5


def test_codes_are_sent_again_three_times_and_the_one_before_is_void(world, post):
    values = {"act": Act(ORIGIN, world.now)}
    secret = filing.begin(kind="both_lost", typed="x", address=NEW, language="en", **values)
    first = waiting_code("cases/mail/code", NEW)
    for _ in range(3):
        filing.send_again(secret=secret, **values)
    with pytest.raises(CaseSentOften):
        filing.send_again(secret=secret, **values)
    with pytest.raises(CaseCodeWrong):
        filing.prove(secret=secret, code=first, **values)
    filing.prove(secret=secret, code=waiting_code("cases/mail/code", NEW), **values)


def test_a_code_lasts_half_an_hour(world):
    given = {"typed": "x", "address": NEW, "language": "en", "act": Act(ORIGIN, world.now)}
    secret = filing.begin(kind="both_lost", **given)
    code, end = waiting_code("cases/mail/code", NEW), world.now + timedelta(minutes=30)

    for typed in (code, "BBBB-BBBB"):
        with pytest.raises(CaseCodeSpent):
            filing.prove(secret=secret, code=typed, act=Act(ORIGIN, end))
    assert Case.objects.get().wrong_codes == 0

    filing.prove(secret=secret, code=code, act=Act(ORIGIN, end - timedelta(seconds=1)))
    assert Case.objects.get().new_proven_at


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
        filing.send(secret=secret, act=Act(ORIGIN, world.now))
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
        reviewing.approve(**values, ticks=[], method="", words=" ")
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
    case = open_case(account_id=customer.account.pk, kind="not_me", act=Act(origin, world.now))
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
        act=Act(origin, world.now),
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
        ask_to_shorten(account_id=customer.account.pk, address=NEW, act=Act(ORIGIN, world.now))
