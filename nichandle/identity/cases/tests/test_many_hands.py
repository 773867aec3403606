"""Two reviewers at once, an objection against the effect, two workers: real threads."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from nichandle.identity.accounts.models import Account
from nichandle.identity.cases.errors import DecidedAlready, EnoughReviewers, NoticeLinkNotValid
from nichandle.identity.cases.models import Case, Notice, Objection, Review
from nichandle.identity.cases.review import effect, objections, reviewing
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.outbox import operations as outbox
from nichandle.platform.outbox.models import Mail
from tests.support import races
from tests.support.cases import KNOWN, NEW, ORIGIN
from tests.support.post import deliver

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Do all of it at the same moment; returns how each went."""
    outcomes = races.at_once(*acts)
    return sorted(type(one).__name__ if isinstance(one, Refused) else "done" for one in outcomes)


def approving(world, which: int) -> Callable[[], object]:
    return lambda: reviewing.approve(
        number=world.number,
        reviewer_id=world.reviewers[which].pk,
        ticks=(),
        method="",
        words=KNOWN,
        now=world.now,
    )


def taking(world, which: int) -> Callable[[], object]:
    return lambda: reviewing.take(
        number=world.number, reviewer_id=world.reviewers[which].pk, now=world.now
    )


def test_four_who_take_a_case_at_once_are_two(world):
    world.open()

    assert at_once(*(taking(world, which) for which in range(4))) == [
        EnoughReviewers.__name__,
        EnoughReviewers.__name__,
        "done",
        "done",
    ]


def test_two_reviewers_at_once_approve_once(world):
    world.open()
    deliver()
    taking(world, 0)()
    taking(world, 1)()

    assert at_once(approving(world, 0), approving(world, 1)) == ["done", "done"]
    assert world.case.state == "approved"
    assert world.case.round == 1
    assert Mail.objects.filter(template="cases/mail/approved").count() == 1


def test_one_reviewer_pressing_eight_times_is_one(world):
    world.open()
    taking(world, 0)()

    outcomes = at_once(*[approving(world, 0)] * 8)

    assert outcomes == [DecidedAlready.__name__] * 7 + ["done"]
    assert Review.objects.filter(outcome="approved").count() == 1
    assert world.case.state == "open"


def test_an_approval_and_a_refusal_at_once_end_as_one_of_the_two(world):
    world.open()
    deliver()
    world.approve(0)
    taking(world, 1)()
    refusing = lambda: reviewing.refuse(  # noqa: E731 - one of two acts
        number=world.number,
        reviewer_id=world.reviewers[0].pk,
        reasons=["unreadable"],
        words="",
        now=world.now,
    )
    at_once(approving(world, 1), refusing)

    assert world.case.state == "refused"
    assert world.case.due_at is None


def test_an_objection_against_the_effect_either_wins_whole_or_comes_too_late(world):
    world.open()
    world.approve(0)
    world.approve(1)
    secret = world.notice()
    deliver()
    world.clock.shift(timedelta(hours=72))
    objecting = lambda: objections.object_by_link(  # noqa: E731 - one of two acts
        secret=secret, words="", act=Act(ORIGIN, world.now)
    )
    outcomes = at_once(objecting, lambda: effect.apply_due(now=world.now))
    account = Account.objects.get(pk=world.customer.account.pk)

    if world.case.state == "done":
        assert outcomes == [NoticeLinkNotValid.__name__, "done"]
        assert account.email == NEW
        assert not Objection.objects.exists()
    else:
        assert outcomes == ["done", "done"]
        assert world.case.state == "open"
        assert account.email == world.customer.email


def test_four_workers_at_the_deadline_are_one_effect_and_one_set_of_mails(world):
    world.approved()
    world.clock.shift(timedelta(hours=72))

    assert at_once(*[lambda: effect.apply_due(now=world.now)] * 4) == ["done"] * 4
    assert Mail.objects.filter(template="recovery/mail/given_back").count() == 1
    assert Mail.objects.filter(template="cases/mail/effected").count() == 1


def test_eight_presses_on_the_objection_s_button_are_one(world):
    world.open()
    secret = world.notice()

    at_once(
        *[lambda: objections.object_by_link(secret=secret, words="", act=Act(ORIGIN, world.now))]
        * 8
    )

    assert Objection.objects.count() == 1


def test_notices_that_are_delivered_at_once_set_the_clock(world, add_recovery):
    for name in ("one", "two", "three"):
        add_recovery(f"{name}@example.org")
    world.open()
    deliver()
    world.approve(0)
    world.approve(1)
    mails = list(Mail.objects.filter(template="cases/mail/approved", state="queued"))
    assert len(mails) == 4

    at_once(*[lambda mail=mail: outbox.accept(mail, now=world.now) for mail in mails])

    assert not Notice.objects.filter(round=1, settled_at=None).exists()
    assert Case.objects.get().due_at == world.now + timedelta(hours=72)
