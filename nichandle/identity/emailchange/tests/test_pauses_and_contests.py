"""A pause, a disowned act, a case or a contest beside a change, and what is told of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.identity.cases.review.decisions import settle_contests
from nichandle.identity.emailchange.models import Change
from nichandle.identity.emailchange.outcome import endings
from nichandle.identity.emailchange.tests.journey import (
    NEW,
    NOT_ME,
    PROOF,
    SPARE,
    UNDO,
    UNDO_IT,
    bounce,
    changed_by_code,
    newest,
    recovery,
    shown,
)
from nichandle.identity.notme.operations import mint
from nichandle.identity.pauses import queries as pauses
from nichandle.identity.pauses.operations import begin
from nichandle.identity.recovery.not_me import disown
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail

pytestmark = pytest.mark.django_db


def test_a_pause_that_began_since_puts_silence_off(journey, origin):
    journey.ask()
    journey.prove()
    journey.wait(hours=23)
    begin(
        account_id=journey.customer.account.pk,
        cause="reset_by_recovery",
        act=Act(origin, timezone.now()),
    )
    journey.wait(hours=71)
    assert journey.email == journey.customer.email

    journey.wait(hours=2)

    assert journey.email == NEW


def test_a_change_asked_before_a_disowned_act_is_held_and_resumed_by_its_owner(journey, origin):
    journey.ask()
    journey.prove()
    journey.clock.shift(timedelta(hours=1))
    secret = mint(
        account_id=journey.customer.account.pk,
        event="signin.succeeded",
        address=journey.customer.email,
        now=timezone.now(),
    )
    done = disown(secret=secret, act=Act(origin, timezone.now()))
    chosen = "carafe violette sur quai"
    journey.visitor.post(f"/password/new/{done.secret}", {"password": chosen})
    journey.wait(hours=30)
    assert journey.email == journey.customer.email
    assert journey.state == "todo"
    owner = journey.customer.sign_in(journey.browser, password=chosen)
    assert "The change is held" in owner.get("/account/address").content.decode()
    assert owner.post("/account/address/code", {"code": "BBBB-BBBB"}).status_code == 422

    owner.post("/account/address/resume")

    # It waits for the case all the same, whatever the clock says.
    journey.wait(hours=25)
    assert journey.email == journey.customer.email
    settle_contests(journey.customer.account.pk, act=Act(origin, timezone.now()))
    journey.clock.shift(timedelta(days=5))
    journey.wait(hours=2)
    assert journey.email == NEW


def hold(journey) -> None:
    endings.take_back(
        journey.customer.account.pk,
        since=timezone.now() + timedelta(seconds=1),
        act=Act.by_itself(timezone.now()),
    )


@pytest.mark.parametrize("first", ["proof", "nothing"])
def test_while_it_is_held_the_right_code_does_nothing_and_resumed_it_does(journey, contact, first):
    journey.ask()
    other = contact.sign_in()
    other.post("/account/address", {"address": "paul@new.example"})
    journey.deliver()
    code = journey.code(journey.customer.email)
    if first == "proof":
        journey.prove()
    hold(journey)

    answer = journey.browser.post("/account/address/code", {"code": code})

    assert answer.status_code == 422
    assert "The change is held" in answer.content.decode()
    assert Change.objects.get(account=journey.customer.account).code_entered_at is None
    assert journey.email == journey.customer.email
    theirs = {"code": journey.code(contact.email)}
    assert other.post("/account/address/code", theirs).status_code == 302
    journey.browser.post("/account/address/resume")
    if first == "nothing":
        journey.prove()
    journey.browser.post("/account/address/code", {"code": code})
    assert journey.email == NEW


def test_proven_while_it_is_held_it_waits_even_with_its_code(journey):
    journey.ask()
    journey.browser.post("/account/address/code", {"code": journey.code(journey.customer.email)})
    hold(journey)
    journey.prove()
    journey.wait(hours=30)
    assert journey.email == journey.customer.email

    owner = journey.customer.sign_in(journey.browser)
    owner.post("/account/address/resume")
    journey.wait(minutes=1)

    assert journey.email == NEW


def test_what_is_held_and_forgotten_ends_and_says_why(journey):
    journey.ask()
    journey.prove()
    hold(journey)
    journey.wait(days=6, hours=23)
    assert journey.state == "todo"
    journey.wait(hours=2)

    assert journey.state == "lapsed"
    assert "nobody resumed it" in newest(journey, journey.customer.email, "has ended")


def test_an_undo_ends_the_request_that_is_open_and_no_one_elses(journey, contact):
    recovery(journey.customer)
    undo = changed_by_code(journey, NEW)
    journey.ask("c@new.example")
    contact.sign_in().post("/account/address", {"address": "paul@new.example"})
    proof = journey.link(PROOF, "c@new.example")
    journey.visitor.post(undo, UNDO_IT)
    journey.visitor.post(f"{undo}/code", {"code": journey.code(SPARE)})

    assert journey.email == journey.customer.email
    mine = Change.objects.filter(account=journey.customer.account).order_by("pk")
    assert [(one.state, one.refused_why) for one in mine] == [
        ("undone", ""),
        ("refused", "undone"),
    ]
    assert journey.browser.post(proof).status_code == 410
    assert Change.objects.get(account=contact.account).state == "todo"


def test_a_pause_longer_than_a_request_is_open_ends_nothing_that_is_due(journey, origin):
    journey.ask()
    journey.prove()
    journey.wait(hours=23)
    begin(
        account_id=journey.customer.account.pk,
        cause="reset_by_recovery",
        act=Act(origin, timezone.now()),
        until=timezone.now() + timedelta(days=9),
    )
    journey.wait(days=8, hours=23)
    assert journey.state == "todo"
    assert journey.email == journey.customer.email
    journey.wait(hours=2)

    assert journey.email == NEW


def test_a_change_asked_since_a_disowned_act_is_refused(journey, origin):
    since = timezone.now()
    journey.clock.shift(timedelta(minutes=1))
    journey.ask()
    secret = mint(
        account_id=journey.customer.account.pk,
        event="signin.succeeded",
        address=journey.customer.email,
        event_at=since,
        now=timezone.now(),
    )
    disown(secret=secret, act=Act(origin, timezone.now()))

    assert journey.state == "refused"


def test_the_home_shows_the_change_beside_a_case(journey, world):
    journey.ask()
    world.open()

    page = shown(journey, "/area")

    assert "Somebody has opened a case" in page
    assert "is to become" in page
    assert "New address not proven" in page


def test_the_home_says_that_a_change_is_held_or_cannot_be(journey):
    journey.ask(deliver=False)
    bounce(journey.customer.email)
    assert "refuses our mail" in shown(journey, "/area")
    Change.objects.update(held_at=timezone.now())
    assert "The change is held" in shown(journey, "/area")


def test_a_change_by_code_is_contested_from_a_recovery_address_of_before(journey):
    """A thief in the primary mailbox approved it: no undo goes there, but a contest does."""
    recovery(journey.customer)
    recovery(journey.customer, "young@example.net", timedelta(days=2))
    changed_by_code(journey, NEW)

    assert not NOT_ME.search(newest(journey, NEW, "has changed"))
    assert not NOT_ME.search(newest(journey, "young@example.net", "has changed"))
    link = NOT_ME.search(newest(journey, SPARE, "has changed"))
    assert link
    answer = journey.visitor.post(link[0], {"meaning": "not_me"})

    assert answer.headers["Location"].startswith("/password/new/")
    assert journey.browser.get("/area").status_code == 302


def test_a_contest_is_told_with_a_link_only_to_who_was_there_before(journey):
    recovery(journey.customer)
    undo = changed_by_code(journey, NEW)
    journey.visitor.post(undo, UNDO_IT)

    assert NOT_ME.search(newest(journey, SPARE, "contested"))
    assert not NOT_ME.search(newest(journey, NEW, "contested"))


def test_an_undo_tells_the_end_of_the_pause_that_runs_longest(journey):
    """After silence seven days run already: 72 hours would be untrue."""
    journey.ask()
    journey.prove()
    journey.wait(hours=25)
    ends_at = pauses.running(journey.customer.account.pk, now=timezone.now()).ends_at
    journey.visitor.post(journey.link(UNDO, journey.customer.email), UNDO_IT)

    mail = Mail.objects.filter(template="emailchange/mail/undone").latest("pk")
    assert mail.context["paused_until_at"] == ends_at.isoformat()


def test_confirmed_after_its_pause_an_undo_pauses_again(journey, origin):
    recovery(journey.customer)
    undo = changed_by_code(journey, NEW)
    journey.visitor.post(undo, UNDO_IT)
    journey.visitor.post(f"{undo}/code", {"code": "BBBB-BBBB"})
    assert len(pauses.all_running(journey.customer.account.pk, now=timezone.now())) == 1
    journey.clock.shift(timedelta(days=4))
    assert pauses.all_running(journey.customer.account.pk, now=timezone.now())
    settle_contests(journey.customer.account.pk, act=Act(origin, timezone.now()))
    assert not pauses.all_running(journey.customer.account.pk, now=timezone.now())
    journey.visitor.post(undo, UNDO_IT)

    journey.visitor.post(f"{undo}/code", {"code": journey.code(SPARE)})

    assert journey.email == journey.customer.email
    assert pauses.running(journey.customer.account.pk, now=timezone.now())
