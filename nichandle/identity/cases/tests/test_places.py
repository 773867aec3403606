"""Who is at work on a case: given back, lost, freed; never held up by one, never one's own."""

from datetime import UTC, datetime, timedelta

import pytest

from nichandle.identity.accounts import primary
from nichandle.identity.cases import clock
from nichandle.identity.cases.errors import EnoughReviewers, NotYourCase, OwnCase
from nichandle.identity.cases.keeping import sealing
from nichandle.identity.cases.models import Case, Notice, Objection, Review
from nichandle.identity.cases.operations import open_case
from nichandle.identity.cases.review import objections, places, reviewing, showing
from nichandle.identity.staff import people
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox import operations as outbox
from nichandle.platform.outbox.models import Mail
from tests.support.cases import KNOWN, NEW, ORIGIN, acts, address_of, make_reviewer, object_by_link
from tests.support.post import deliver

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def opened(world):
    """A case that was opened on a Monday morning."""
    world.clock.move_to(MONDAY)
    world.open()
    return world


def values(world, which, number=None):
    return {
        "number": number or world.number,
        "reviewer_id": world.reviewers[which].pk,
        "now": world.now,
    }


def take(world, which):
    reviewing.take(**values(world, which))


def approve(world, which):
    reviewing.approve(**values(world, which), ticks=[], method="", words=KNOWN)


# How long a place lasts.


@pytest.mark.parametrize(
    ("acted", "ends"),
    [
        ("2026-11-30 09:00", "2026-12-03 09:00"),  # Monday to Thursday
        ("2026-12-03 15:00", "2026-12-08 15:00"),  # Thursday: Friday, Monday, Tuesday
        ("2026-12-04 23:59", "2026-12-09 23:59"),  # Friday
        ("2026-12-05 10:00", "2026-12-10 00:00"),  # Saturday counts from Monday
        ("2026-12-06 23:00", "2026-12-10 00:00"),  # Sunday too
    ],
)
def test_a_place_lasts_three_working_days(acted, ends):
    at, until = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (acted, ends))

    assert clock.place_ends_at(at) == until


def test_who_does_nothing_for_three_working_days_loses_the_case(opened, customer):
    take(opened, 0)
    take(opened, 1)
    opened.clock.shift(3 * DAY - HOUR)
    with pytest.raises(EnoughReviewers):
        take(opened, 2)
    opened.clock.shift(HOUR)
    take(opened, 2)
    take(opened, 3)

    for late in (0, 1):
        with pytest.raises(NotYourCase):
            approve(opened, late)
        with pytest.raises(NotYourCase):
            reviewing.refuse(**values(opened, late), reasons=["unreadable"], words="")
    assert places.free_lost(now=opened.now) == 2
    assert places.free_lost(now=opened.now) == 0
    assert acts(customer.account).count("case.review_lost") == 2
    approve(opened, 2)
    approve(opened, 3)
    assert opened.case.state == "approved"


def test_asking_for_papers_is_doing_something(opened):
    take(opened, 0)
    opened.clock.shift(2 * DAY)
    reviewing.ask_for_papers(**values(opened, 0), items=["identity"])
    opened.clock.shift(2 * DAY)
    approve(opened, 0)


def test_a_decision_keeps_its_place(opened):
    take(opened, 0)
    approve(opened, 0)
    opened.clock.shift(60 * DAY)
    take(opened, 1)
    with pytest.raises(EnoughReviewers):
        take(opened, 2)
    approve(opened, 1)
    assert opened.case.state == "approved"


def test_a_dismissed_reviewer_loses_all_cases_at_once(opened, customer):
    first = opened.number
    opened.open(address="other@example.net")
    for number in (first, opened.number):
        for which in (0, 1):
            reviewing.take(**values(opened, which, number))
    places.dismiss(email=opened.reviewers[0].email, now=opened.now)

    for number in (first, opened.number):
        reviewing.take(**values(opened, 2, number))
    assert acts(customer.account).count("case.review_lost") == 2
    people.invite(name="Claire", email=opened.reviewers[0].email, now=opened.now)
    with pytest.raises(NotYourCase):
        approve(opened, 0)


def test_what_a_dismissed_reviewer_decided_stays(opened):
    take(opened, 0)
    approve(opened, 0)
    places.dismiss(email=opened.reviewers[0].email, now=opened.now)
    take(opened, 1)
    approve(opened, 1)

    assert opened.case.state == "approved"


@pytest.mark.parametrize("how", ["loses it", "gives it back"])
def test_one_reviewer_cannot_hold_a_case_up_by_taking_it_again_and_again(opened, how):
    take(opened, 0)
    if how == "loses it":
        opened.clock.shift(7 * DAY)
    else:
        reviewing.give_back(**values(opened, 0))
    take(opened, 0)

    take(opened, 1)
    take(opened, 2)
    with pytest.raises(EnoughReviewers):
        take(opened, 3)
    approve(opened, 1)
    approve(opened, 2)
    assert opened.case.state == "approved"


def test_who_comes_again_takes_no_place_that_others_fill(opened):
    take(opened, 0)
    reviewing.give_back(**values(opened, 0))
    take(opened, 1)
    take(opened, 2)

    with pytest.raises(EnoughReviewers):
        take(opened, 0)


def test_two_who_both_lost_it_can_still_finish_it(opened):
    take(opened, 0)
    take(opened, 1)
    opened.clock.shift(7 * DAY)
    places.free_lost(now=opened.now)
    take(opened, 0)
    take(opened, 1)
    approve(opened, 0)
    approve(opened, 1)

    assert opened.case.state == "approved"
    assert Review.objects.count() == 2


def test_a_place_in_one_case_is_none_in_another(opened):
    take(opened, 0)
    opened.open(address="other@example.net")
    with pytest.raises(NotYourCase):
        approve(opened, 0)


def test_after_another_case_took_effect_the_reviewers_have_three_days_anew(opened):
    other = opened.number
    for which in (0, 1):
        reviewing.take(**values(opened, which))
        approve(opened, which)
    opened.open("both_lost", address="later@example.net")
    opened.approve(2)
    opened.approve(3)
    deliver()
    places.dismiss(email=opened.reviewers[1].email, now=opened.now)
    opened.later(hours=72)
    opened.number = other if Case.objects.get(number=other).state == "open" else opened.number
    there = places.held(opened.case, now=opened.now)

    assert opened.case.state == "open"
    assert all(review.outcome == "" for review in there)
    assert all(review.reviewer.active for review in there)
    assert there


# Nobody reviews a case of one's own.


def own_addresses(world):
    account = world.customer.account
    yield "primary", account.email, lambda: None
    for name, more in {
        "recovery, established": {"proven_at": world.now - 30 * DAY},
        "recovery, young": {"proven_at": world.now},
        "recovery, not proven": {},
        "recovery, removed": {"proven_at": world.now - 30 * DAY, "removed_at": world.now - DAY},
        "recovery, removed long ago": {
            "proven_at": world.now - 300 * DAY,
            "removed_at": world.now - 90 * DAY,
        },
    }.items():
        address = f"{name.replace(', ', '.').replace(' ', '.')}@provider.example"
        yield (
            name,
            address,
            lambda address=address, more=more: account.recovery_addresses.create(
                address=address,
                address_key=addresses.key(address),
                added_at=world.now - 30 * DAY,
                **more,
            ),
        )
    old = "old.primary@provider.example"
    yield (
        "reserved by an undo",
        old,
        lambda: primary.keep([(account.pk, addresses.key(old))], until=world.now + DAY),
    )
    yield "the new one of the case", NEW, lambda: None


def test_nobody_reviews_a_case_of_an_account_that_has_their_address(opened):
    """By the key of addresses: however it is spelt."""
    seen = []
    for name, address, arrange in own_addresses(opened):
        arrange()
        mine = make_reviewer(f"R{len(seen)}")
        mine.email, mine.email_key = address.upper(), addresses.key(address.upper())
        mine.save()
        with pytest.raises(OwnCase):
            reviewing.take(number=opened.number, reviewer_id=mine.pk, now=opened.now)
        seen.append(name)

    assert len(seen) == 8
    take(opened, 0)


def test_an_address_given_to_the_account_after_a_case_was_taken_counts_too(opened):
    take(opened, 0)
    own = opened.reviewers[0]
    opened.customer.account.recovery_addresses.create(
        address=own.email, address_key=own.email_key, added_at=opened.now
    )
    with pytest.raises(OwnCase):
        approve(opened, 0)
    with pytest.raises(OwnCase):
        reviewing.refuse(**values(opened, 0), reasons=["unreadable"], words="")
    opened.open(address="other@example.net")
    assert Case.objects.count() == 2


def test_somebody_else_s_account_with_that_address_forbids_nothing(opened, stranger):
    own = opened.reviewers[0]
    stranger.account.recovery_addresses.create(
        address=own.email, address_key=own.email_key, added_at=opened.now, proven_at=opened.now
    )
    take(opened, 0)


def test_an_address_told_of_the_case_forbids_it_for_good(opened):
    Notice.objects.filter(case=opened.case).update(address="gone@provider.example")
    mine = make_reviewer("Gone")

    with pytest.raises(OwnCase):
        reviewing.take(number=opened.number, reviewer_id=mine.pk, now=opened.now)


# Words.


def test_words_of_objections_and_reviewers_are_sealed_and_erased_with_the_papers(world):
    world.open()
    object_by_link(world, world.notice())
    objections.inform(
        number=world.number, who="xx123450-OVH", words="He telephoned.", act=Act(ORIGIN, world.now)
    )
    reviewing.take(**values(world, 0))
    reviewing.refuse(**values(world, 0), reasons=["objection"], words="He hung up.")
    stored = f"{Objection.objects.values()}{Review.objects.values()}"
    for word in ("No!", "telephoned", "hung up"):
        assert word not in stored
    first, review = Objection.objects.order_by("pk").first(), Review.objects.get()
    case = world.case
    assert sealing.words_of(case, first.words, name=sealing.of_objection(first)) == "No!"
    assert sealing.words_of(case, review.words, name=sealing.of_review(review)) == "He hung up."
    world.clock.shift(clock.ERASED_AFTER)
    assert sealing.destroy_due(now=world.now) == 1

    assert set(Objection.objects.values_list("words", "who", "ip")) == {("", "", None)}
    assert Review.objects.get().words == ""
    assert sealing.words_of(world.case, first.words, name=sealing.of_objection(first)) == ""


def test_a_contact_says_the_same_once_and_more_as_often_as_there_is_more(world):
    world.open()
    for said in ("First.", "First.", "Second.", "First."):
        objections.inform(
            number=world.number, who="xx123450-OVH", words=said, act=Act(ORIGIN, world.now)
        )
    assert Objection.objects.count() == 2


def test_a_case_without_papers_has_a_key_for_words_too(world, customer, origin):
    case = open_case(account_id=customer.account.pk, kind="not_me", act=Act(origin, world.now))
    reviewing.take(**values(world, 0, case.number))
    reviewing.close(**values(world, 0, case.number), words="It was the sister.")
    review = Review.objects.get()
    case.refresh_from_db()

    assert (review.outcome, review.decided_at) == ("approved", world.now)
    assert "sister" not in review.words
    name = sealing.of_review(review)
    assert sealing.words_of(case, review.words, name=name) == "It was the sister."
    world.clock.shift(clock.ERASED_AFTER)
    sealing.destroy_due(now=world.now)
    assert Review.objects.get().words == ""


# A mailbox that puts everything off.


def put_off_for(world, days):
    """Let the mailbox's server answer 450 from now on."""
    for _day in range(days):
        world.clock.shift(DAY)
        for mail in Mail.objects.filter(recipient=world.customer.email, state="queued"):
            Mail.objects.filter(pk=mail.pk).update(attempts=mail.attempts + 1)
            mail.attempts += 1
            outbox.put_off(mail, error="450 mailbox full", now=world.now)


def test_notices_put_off_for_three_days_count_as_delivered(world, customer):
    world.open()
    world.approve(0)
    world.approve(1)
    deliver(to=NEW)
    put_off_for(world, 2)
    assert world.case.due_at is None
    put_off_for(world, 1)
    given_up_at = world.now

    assert world.case.due_at == given_up_at + timedelta(hours=72)
    notice = Notice.objects.get(round=1)
    assert (notice.given_up, notice.accepted_at, notice.settled_at) == (True, None, given_up_at)
    written = Mail.objects.filter(template="cases/mail/approved")
    assert written.count() == 1, "not written again and again to a mailbox that refuses"
    world.later(hours=71)
    assert address_of(customer.account) == customer.email
    world.later(hours=2)
    assert address_of(customer.account) == NEW


def test_one_mailbox_that_is_full_does_not_let_the_others_notice_go_unheard(
    world, customer, add_recovery
):
    add_recovery("spare@example.org")
    world.open()
    world.approve(0)
    world.approve(1)
    put_off_for(world, 3)

    assert world.case.due_at is None, "the other is not delivered yet"
    deliver(to="spare@example.org")
    assert world.case.due_at == world.now + timedelta(hours=72)


def test_the_page_of_a_paper_is_not_shown_to_who_has_lost_the_case(opened):
    take(opened, 0)
    given = {"number": opened.number, "reviewer_id": opened.reviewers[0].pk, "page": 0}
    opened.clock.shift(7 * DAY)

    assert showing.show(**given, name="x" * 32, act=Act.by_itself(opened.now)) is None
    assert places.held_by(opened.case, opened.reviewers[0].pk, now=opened.now) is None
