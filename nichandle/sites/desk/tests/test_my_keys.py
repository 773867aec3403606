"""Reviewers add and remove keys, each time against the answer of one that is registered."""

import json
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.utils import timezone

from nichandle.identity.factors.answers import Answer
from nichandle.identity.factors.tests.authenticator import Authenticator
from nichandle.platform.kernel.origin import Origin
from nichandle.sites.desk import keys
from nichandle.sites.desk.keys import (
    MOST,
    ReviewerKeysMany,
    ReviewerKeyWrong,
    ReviewerLastKey,
    ReviewerProofGone,
)
from nichandle.sites.desk.models import ReviewerKey, ReviewerSession
from nichandle.sites.desk.queries import keys_of
from nichandle.sites.desk.tests.people import (
    OWN,
    Colleague,
    asked,
    at_once,
    browser,
    colleague,
    give,
    inside,
    invite,
)
from nichandle.sites.desk.visits import ReviewerVisit
from tests.support.post import text_of

pytestmark = pytest.mark.django_db
MINE, NEW = "/desk/keys", "/desk/keys/new"


@pytest.fixture
def claire() -> Colleague:
    return colleague("Claire")


def said(answer) -> str:
    return answer.content.decode()


def confirm(who: Colleague, page: str = NEW, key: Authenticator | None = None):
    options, state = asked(who.browser.get(page))
    given = {"response": (key or who.key).prove(options), "state": state}
    return who.browser.post(page, given)


def register(who: Colleague, key: Authenticator, name: str = "Blue key"):
    options, state = asked(who.browser.get(NEW))
    given = {"name": name, "state": state, "response": key.register(options)}
    return who.browser.post(NEW, given)


def add(who: Colleague, name: str = "Blue key") -> Authenticator:
    key = Authenticator()
    assert confirm(who).headers["Location"] == NEW
    assert register(who, key, name).headers["Location"] == MINE
    return key


def row(name: str) -> ReviewerKey:
    return ReviewerKey.objects.get(name=name)


def removal(name: str) -> str:
    return f"/desk/keys/{row(name).pk}/remove"


def test_the_page_lists_keys_with_name_and_use(claire):
    page = said(claire.browser.get(MINE))
    assert "Grey key" in page
    assert "Never" in page
    claire.sign_in()

    assert "Never" not in said(claire.browser.get(MINE))


def test_a_key_is_added_against_one_that_is_there_and_signs_in(claire, post):
    elsewhere = claire.sign_in(browser())
    added = add(claire)

    assert inside(claire.browser)
    assert not inside(elsewhere), "other sessions end"
    mail = post.last_to(claire.email)
    assert mail["Subject"] == "A key was added to your access as a reviewer"
    assert "Blue key" in text_of(mail)
    here = browser()
    options, state = claire.half_way(here)
    assert len(json.loads(options)["allowCredentials"]) == 2
    assert give(here, added.prove(options), state).headers["Location"] == "/desk"


def test_a_stolen_session_adds_no_key(claire):
    thief = Authenticator()
    options, state = asked(claire.browser.get(NEW))
    assert json.loads(options)["allowCredentials"], "the page asks for a key that is there"
    sent = claire.browser.post(NEW, {"name": "x", "state": state, "response": "{}"})
    assert sent.headers["Location"] == MINE
    assert str(ReviewerProofGone.message) in said(claire.browser.get(MINE))
    refused = confirm(claire, key=thief)
    assert refused.status_code == 422
    assert str(ReviewerKeyWrong.message) in said(refused)
    # A question made by the thief's own means, as if the page had asked it.
    question = keys.ask_to_register(ReviewerKey.objects.get().reviewer, now=timezone.now())
    given = {"name": "x", "state": question.state, "response": thief.register(question.options)}
    claire.browser.post(NEW, given)

    assert ReviewerKey.objects.count() == 1


def test_one_answer_allows_one_key_in_this_session_within_five_minutes(claire):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        confirm(claire)
        other = claire.sign_in(browser())
        assert "allowCredentials" in asked(other.get(NEW))[0], "not in another session"
        options, state = asked(claire.browser.get(NEW))
        clock.shift(timedelta(minutes=5))
        late = {"name": "x", "state": state, "response": Authenticator().register(options)}
        assert claire.browser.post(NEW, late).headers["Location"] == MINE
        assert ReviewerKey.objects.count() == 1
        add(claire)
    assert "allowCredentials" in asked(claire.browser.get(NEW))[0], "the next key asks again"


def test_a_key_sent_twice_is_added_once(claire):
    confirm(claire)
    key = Authenticator()
    options, state = asked(claire.browser.get(NEW))
    given = {"name": "Blue key", "state": state, "response": key.register(options)}
    first, second = claire.browser.post(NEW, given), claire.browser.post(NEW, given)

    assert first.headers["Location"] == MINE
    assert second.headers["Location"] == MINE
    assert ReviewerKey.objects.count() == 2


def test_an_answer_that_registered_a_key_does_not_bring_it_back(claire):
    confirm(claire)
    key = Authenticator()
    options, state = asked(claire.browser.get(NEW))
    given = {"name": "Blue key", "state": state, "response": key.register(options)}
    claire.browser.post(NEW, given)
    confirm(claire, removal("Blue key"))
    confirm(claire)

    assert claire.browser.post(NEW, given).status_code == 422
    assert ReviewerKey.objects.count() == 1


def test_a_key_without_a_name_and_one_known_already_are_refused(claire):
    confirm(claire)
    assert register(claire, Authenticator(), "").status_code == 422
    options, _state = asked(claire.browser.get(NEW))
    assert json.loads(options)["excludeCredentials"][0]["id"] == row("Grey key").credential_id
    again = register(claire, claire.key)

    assert again.status_code == 422
    assert "set up already" in said(again)
    malik = colleague("Malik")
    confirm(malik)
    assert register(malik, Authenticator(credential=claire.key.credential)).status_code == 422


def test_ten_keys_are_enough(claire):
    first = row("Grey key")
    for number in range(MOST - 1):
        ReviewerKey.objects.create(
            reviewer=first.reviewer,
            name="Key",
            credential_id=f"key{number}",
            public_key=b"",
            sign_count=0,
            created_at=timezone.now(),
        )
    confirm(claire)
    refused = register(claire, Authenticator())

    assert refused.status_code == 422
    assert str(ReviewerKeysMany.message) in said(refused)


def test_a_key_is_removed_with_another_and_signs_nobody_in_any_more(claire, post):
    blue = add(claire)
    elsewhere = claire.sign_in(browser())
    page = removal("Grey key")
    options, _state = asked(claire.browser.get(page))
    named = [one["id"] for one in json.loads(options)["allowCredentials"]]
    assert named == [row("Blue key").credential_id]
    assert confirm(claire, page).status_code == 422, "not with itself"
    assert confirm(claire, page, blue).headers["Location"] == MINE

    assert [key.name for key in ReviewerKey.objects.all()] == ["Blue key"]
    assert inside(claire.browser)
    assert not inside(elsewhere)
    assert "Grey key" in text_of(post.last_to(claire.email))
    here = browser()
    options, state = claire.half_way(here)
    assert give(here, claire.key.prove(options), state).status_code == 422
    assert claire.browser.get(page).status_code == 404


def test_the_answer_for_one_removal_serves_no_other(claire):
    blue = add(claire)
    add(claire, "Red key")
    options, state = asked(claire.browser.get(removal("Grey key")))
    given = {"response": blue.prove(options), "state": state}

    assert claire.browser.post(removal("Red key"), given).status_code == 422
    assert claire.browser.post(NEW, given).status_code == 422
    assert ReviewerKey.objects.count() == 3


def test_the_last_key_stays_while_one_is_demanded(claire):
    assert "Remove" not in said(claire.browser.get(MINE))
    page = removal("Grey key")
    assert claire.browser.get(page).headers["Location"] == MINE
    assert str(ReviewerLastKey.message) in said(claire.browser.get(MINE))
    sent = claire.browser.post(page, {"response": "{}", "state": "x"})

    assert sent.headers["Location"] == MINE
    assert ReviewerKey.objects.count() == 1


def test_a_copied_key_does_not_count_as_one_that_is_left(claire):
    add(claire)
    ReviewerKey.objects.filter(name="Blue key").update(copied_at=timezone.now())
    assert claire.browser.get(removal("Grey key")).headers["Location"] == MINE

    assert confirm(claire, removal("Blue key")).headers["Location"] == MINE
    assert [key.name for key in ReviewerKey.objects.all()] == ["Grey key"]


def test_a_copy_used_to_add_a_key_ends_every_session(claire):
    claire.sign_in()
    claire.key.count = 0

    assert confirm(claire).headers["Location"] == "/desk/signin"
    assert not ReviewerSession.objects.exists()
    assert row("Grey key").copied_at is not None


def test_the_keys_of_another_reviewer_are_nobody_elses(claire):
    malik = colleague("Malik")
    theirs = keys_of(ReviewerKey.objects.get(reviewer__name="Malik").reviewer_id)[0]
    page = f"/desk/keys/{theirs.pk}/remove"

    assert claire.browser.get(page).status_code == 404
    assert claire.browser.post(page, {"response": "{}", "state": "x"}).status_code == 404
    assert inside(malik.browser)


def test_where_none_is_demanded_the_last_key_goes_against_its_own_answer(claire, settings):
    settings.NICHANDLE_STAFF_KEY = ()
    page = removal("Grey key")
    assert "your password alone" in said(claire.browser.get(page))
    assert confirm(claire, page).headers["Location"] == MINE

    assert "No key is registered" in said(claire.browser.get(MINE))
    assert claire.give_password(browser()).headers["Location"] == "/desk"


def test_a_session_without_a_key_registers_none(settings):
    settings.NICHANDLE_STAFF_KEY = ()
    here = browser()
    here.post(invite("Claire"), {"password": OWN})
    assert here.get(NEW).headers["Location"] == MINE
    sent = here.post(NEW, {"response": "{}", "state": "x"})

    assert sent.status_code == 302
    assert not ReviewerKey.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_keys_that_remove_each_other_at_once_leave_one(claire):
    blue, acts = add(claire), []
    claire.sign_in(browser())
    sessions = ReviewerSession.objects.select_related("reviewer").all()
    for session, name, key in zip(
        sessions, ["Grey key", "Blue key"], [blue, claire.key], strict=True
    ):
        question = keys.ask_to_remove(session, row(name), now=timezone.now())
        answer = Answer("key", response=key.prove(question.options), state=question.state)
        visit = ReviewerVisit(Origin("203.0.113.7", ""), timezone.now(), "en")
        acts.append(partial(keys.remove, session, row(name).pk, answer, visit))

    assert at_once(*acts) == ["done", "review.proof_gone"]
    assert ReviewerKey.objects.count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_one_answer_allows_one_of_two_keys_sent_at_once(claire):
    confirm(claire)
    session, acts = ReviewerSession.objects.select_related("reviewer").get(), []
    for key in (Authenticator(), Authenticator()):
        question = keys.ask_to_register(session.reviewer, now=timezone.now())
        answer = Answer("key", response=key.register(question.options), state=question.state)
        visit = ReviewerVisit(Origin("203.0.113.7", ""), timezone.now(), "en")
        acts.append(partial(keys.add, session, answer, name="Blue key", visit=visit))

    assert at_once(*acts) == ["done", "review.proof_gone"]
    assert ReviewerKey.objects.count() == 2
