"""A reviewer's password opens nothing without their key: tried as those who have one of the two."""

import json
import logging
import re
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.core.management.base import CommandParser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nichandle.identity.accounts import passwords
from nichandle.identity.factors.answers import Answer
from nichandle.identity.factors.tests.authenticator import Authenticator
from nichandle.identity.staff.models import StaffMember
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.limits.models import Allowance
from nichandle.sites.desk import operations
from nichandle.sites.desk.keys import ReviewerKeyCopied, ReviewerKeyWrong
from nichandle.sites.desk.management.commands.reviewer import Command
from nichandle.sites.desk.models import HalfSignin, ReviewerBrowser, ReviewerKey, ReviewerSession
from nichandle.sites.desk.operations import HalfSigninGone, ReviewerKeyMissing
from nichandle.sites.desk.queries import keys_of
from nichandle.sites.desk.tests.people import (
    OWN,
    Colleague,
    asked,
    at_once,
    browser,
    colleague,
    dismiss,
    give,
    inside,
    invite,
)
from nichandle.sites.desk.visits import ReviewerVisit
from tests.support.post import text_of

pytestmark = pytest.mark.django_db
OTHER = "lanterne mousse velours gare"


@pytest.fixture
def claire() -> Colleague:
    """Somebody who is set up, and signed out."""
    made = colleague("Claire")
    made.browser.post("/desk/signout")
    return made


@pytest.fixture
def relaxed(settings) -> None:
    """Demo mode, in which the operator asks for no key."""
    settings.NICHANDLE_STAFF_KEY = ()


def visit(**more: str) -> ReviewerVisit:
    return ReviewerVisit(Origin("203.0.113.7", ""), timezone.now(), "en", **more)


def said(answer) -> str:
    return answer.content.decode()


def told(here) -> str:
    """Follow a redirection to the sign-in page, and return what it says."""
    return said(here.get("/desk/signin"))


# The operator's link.


def test_password_and_key_are_set_in_one_flow(claire):
    key = ReviewerKey.objects.get()
    assert (key.name, key.transports, key.sign_count) == ("Grey key", ["usb"], 0)
    claire.sign_in()

    assert inside(claire.browser)
    key.refresh_from_db()
    assert key.sign_count == 1
    assert key.last_used_at is not None


def test_the_link_alone_sets_no_password_without_a_key():
    link, claire = invite("Claire"), Colleague("Claire")
    _options, state = asked(claire.browser.get(link))
    for given in (
        {},
        {"name": "x", "state": state, "response": ""},
        {"name": "x", "state": state, "response": "{}"},
    ):
        assert claire.browser.post(link, {"password": OWN, **given}).status_code == 422

    assert StaffMember.objects.get().password == ""
    assert not ReviewerKey.objects.exists()
    assert claire.give_password().status_code == 422
    assert claire.set_up(link).status_code == 302, "the link stays good until a key is registered"


@pytest.mark.parametrize(
    "false",
    [
        {"origin": "https://localhost.evil.example"},
        {"origin": "http://localhost:9"},
        {"site": "evil.example"},
    ],
)
def test_a_key_of_another_site_is_not_registered(false):
    link, claire = invite("Claire"), Colleague("Claire", Authenticator(**false))

    refused = claire.set_up(link)

    assert refused.status_code == 422
    assert str(ReviewerKeyWrong.message) in said(refused)
    assert browser().get(link).status_code == 200
    assert not ReviewerSession.objects.exists()


def test_the_question_of_one_link_registers_nothing_with_another():
    """Nor does a question that is older than ten minutes."""
    link, theirs = invite("Claire"), invite("Malik")
    claire, malik = Colleague("Claire"), Colleague("Malik")
    options, state = asked(claire.browser.get(link))
    answer = {"name": "x", "state": state, "response": claire.key.register(options)}
    assert malik.browser.post(theirs, {"password": OWN, **answer}).status_code == 422

    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=False):
        late = claire.browser.post(link, {"password": OWN, **answer})
    assert late.status_code == 422
    assert "Use your key once more" in said(late)
    assert not ReviewerKey.objects.exists()


def test_where_only_the_password_is_refused_the_key_is_not_asked_again():
    link, claire = invite("Claire"), Colleague("Claire")
    options, state = asked(claire.browser.get(link))
    response = claire.key.register(options)
    given = {"name": "Grey key", "state": state, "response": response}
    refused = claire.browser.post(link, {"password": "short", **given})

    assert "Your key has answered" in said(refused)
    assert "data-key-options" not in said(refused)
    assert state in said(refused)
    assert claire.browser.post(link, {"password": OWN, **given}).status_code == 302
    assert inside(claire.browser)


def test_a_used_link_registers_no_second_key(claire):
    link = invite("Malik")
    malik, thief = Colleague("Malik"), Colleague("Malik")
    options, state = asked(thief.browser.get(link))
    malik.set_up(link)
    given = {"name": "x", "state": state, "response": thief.key.register(options)}
    late = thief.browser.post(link, {"password": OTHER, **given})

    assert late.status_code == 410
    assert len(keys_of(StaffMember.objects.get(name="Malik").pk)) == 1
    assert malik.give_password(browser(), OTHER).status_code == 422


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_link_used_by_several_at_once_registers_one_key():
    link, acts = invite("Claire"), []
    for _ in range(3):
        someone = Colleague("Claire")
        options, state = asked(someone.browser.get(link))
        answer = Answer("key", response=someone.key.register(options), state=state)
        given = {"secret": link.rpartition("/")[2], "password": OWN, "name": "x", "visit": visit()}
        acts.append(partial(operations.set_up, answer=answer, **given))

    assert at_once(*acts) == ["done", *["reviewer.setup_link_not_valid"] * 2]
    assert ReviewerKey.objects.count() == 1


def test_a_new_link_changes_nothing_until_it_is_used_then_everything(claire, post):
    claire.sign_in()
    half = browser()
    claire.half_way(half)
    link = invite("Claire")
    assert inside(claire.browser), "the link alone ends nothing"
    anew = Colleague("Claire")
    anew.set_up(link, password=OTHER)

    assert inside(anew.browser)
    assert not inside(claire.browser)
    assert half.get("/desk/signin/key").status_code == 302
    assert claire.give_password().status_code == 422
    assert ReviewerKey.objects.count() == 1
    anew.give_password(password=OTHER)
    options, state = asked(anew.browser.get("/desk/signin/key"))
    assert give(anew.browser, claire.key.prove(options), state).status_code == 422
    assert "set up" in post.last_to("claire@provider.example")["Subject"]


def test_the_key_of_before_may_be_registered_again_with_a_new_link(claire):
    assert claire.set_up(invite("Claire")).status_code == 302
    assert ReviewerKey.objects.count() == 1
    claire.sign_in(browser())


def test_setting_up_is_told_by_mail_with_the_name_of_the_key(claire, post):
    mail = post.last_to("claire@provider.example")

    assert mail["Subject"] == "Your access as a reviewer is set up"
    assert "Grey key" in text_of(mail)
    assert "tell the operator" in text_of(mail)


# The password alone.


def test_the_password_alone_opens_nothing(claire):
    thief = browser()
    claire.half_way(thief)

    assert not ReviewerSession.objects.exists()
    for page in ("", "/keys", "/keys/new", f"/keys/{ReviewerKey.objects.get().pk}/remove"):
        assert thief.get(f"/desk{page}").headers["Location"] == "/desk/signin"
    thief.post("/desk/keys/new", {"name": "x", "response": "{}", "state": "x"})
    assert ReviewerKey.objects.count() == 1


def test_without_a_key_the_password_opens_nothing_and_registers_none(claire):
    ReviewerKey.objects.all().delete()
    refused = claire.give_password()

    assert refused.status_code == 403
    assert str(ReviewerKeyMissing.message) in said(refused)
    assert not HalfSignin.objects.exists()
    assert claire.give_password(password=OTHER).status_code == 422


def test_a_session_without_a_key_ends_once_one_is_demanded(settings):
    settings.NICHANDLE_STAFF_KEY = ()
    here = browser()
    here.post(invite("Claire"), {"password": OWN})
    assert inside(here)
    settings.NICHANDLE_STAFF_KEY = ("reviewer",)

    assert not inside(here)


def test_known_and_unknown_cost_the_same_statements_and_one_hash(claire, monkeypatch):
    hashes, costs = [], []
    verify = passwords.verify
    monkeypatch.setattr(passwords, "verify", lambda *given: hashes.append(given) or verify(*given))
    for email in ("claire@provider.example", "nobody@provider.example"):
        for here in (browser(), claire.browser):
            with CaptureQueriesContext(connection) as statements:
                here.post("/desk/signin", {"email": email, "password": "something else"})
            costs.append(len(statements))

    assert len(hashes) == 4
    assert costs[0] == costs[2] == costs[3], "the browser alone makes a difference, to its owner"


# Another key, another site, another question.


def test_the_key_of_another_reviewer_opens_nothing(claire):
    malik = colleague("Malik")
    options, state = claire.half_way()
    refused = give(claire.browser, malik.key.prove(options), state)

    assert refused.status_code == 422
    assert str(ReviewerKeyWrong.message) in said(refused)
    assert not inside(claire.browser)


def test_a_forged_signature_opens_nothing(claire):
    options, state = claire.half_way()
    forger = Authenticator(credential=claire.key.credential, owner=claire.key.owner, count=5)

    assert give(claire.browser, forger.prove(options), state).status_code == 422
    assert not inside(claire.browser)


@pytest.mark.parametrize(
    "false", [{"origin": "https://localhost.evil.example"}, {"site": "evil.example"}]
)
def test_an_answer_from_another_site_opens_nothing(claire, false):
    options, state = claire.half_way()
    for name, value in false.items():
        setattr(claire.key, name, value)

    assert give(claire.browser, claire.key.prove(options), state).status_code == 422
    assert not inside(claire.browser)


def test_a_replayed_answer_opens_nothing(claire):
    options, state = claire.half_way()
    response = claire.key.prove(options)
    give(claire.browser, response, state)
    claire.browser.post("/desk/signout")

    assert give(claire.browser, response, state).headers["Location"] == "/desk/signin"
    options, fresh = claire.half_way()
    assert give(claire.browser, response, state).status_code == 422, (
        "its question belongs elsewhere"
    )
    assert give(claire.browser, response, fresh).status_code == 422, "it answers another question"
    assert not inside(claire.browser)


def test_an_answer_is_worth_nothing_in_another_browser(claire):
    options, state = claire.half_way()
    response, thief = claire.key.prove(options), browser()

    assert give(thief, response, state).headers["Location"] == "/desk/signin"
    assert str(HalfSigninGone.message) in told(thief)
    claire.half_way(thief)
    assert give(thief, response, state).status_code == 422, "nor with the password, half way"
    assert not inside(thief)
    assert give(claire.browser, response, state).headers["Location"] == "/desk"


def test_a_key_need_not_make_sure_of_its_owner_beside_the_password(claire):
    claire.key.verified = False
    options, _state = claire.half_way(browser())
    assert json.loads(options)["userVerification"] == "discouraged"

    assert inside(claire.sign_in())


def test_a_customers_passkey_page_knows_no_reviewers_key(claire):
    page = browser()
    options, state = asked(page.get("/signin"))
    page.post("/signin/passkey", {"response": claire.key.prove(options), "state": state})

    assert page.get("/area").status_code == 302
    assert not inside(page)


# Too late, twice, gone.


def test_half_a_sign_in_lasts_five_minutes(claire):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        options, state = claire.half_way()
        response = claire.key.prove(options)
        clock.shift(timedelta(minutes=5))
        assert give(claire.browser, response, state).headers["Location"] == "/desk/signin"
        assert str(HalfSigninGone.message) in told(claire.browser)
        assert not inside(claire.browser)
        claire.half_way()
        clock.shift(timedelta(minutes=5))
        assert claire.browser.get("/desk/signin/key").headers["Location"] == "/desk/signin"
        assert str(HalfSigninGone.message) in told(claire.browser)
        operations.clear_old(now=timezone.now() + timedelta(seconds=1))
    assert not HalfSignin.objects.exists()


def test_a_second_tab_or_the_back_button_leads_where_one_is(claire):
    options, state = claire.half_way()
    response = claire.key.prove(options)
    give(claire.browser, response, state)

    for page in ("/desk/signin", "/desk/signin/key"):
        assert claire.browser.get(page).headers["Location"] == "/desk"
    assert give(claire.browser, response, state).headers["Location"] == "/desk"
    assert ReviewerSession.objects.count() == 1


def test_a_question_of_the_first_tab_is_asked_anew_once_a_second_has_begun(claire):
    options, state = claire.half_way()
    claire.half_way()
    again = give(claire.browser, claire.key.prove(options), state)

    assert again.status_code == 422
    options, state = asked(again)
    assert give(claire.browser, claire.key.prove(options), state).headers["Location"] == "/desk"
    assert not HalfSignin.objects.exists()


def test_who_is_dismissed_half_way_stays_outside(claire):
    options, state = claire.half_way()
    dismiss("Claire")

    assert give(claire.browser, claire.key.prove(options), state).status_code == 302
    assert not inside(claire.browser)
    assert not ReviewerKey.objects.exists()


def test_every_sign_in_begins_a_session_under_a_new_key_and_ends_the_one_before(claire):
    claire.sign_in()
    before = claire.browser.cookies["review"].value
    claire.sign_in()

    assert claire.browser.cookies["review"].value != before
    assert ReviewerSession.objects.count() == 1


def test_secrets_are_kept_as_digests(claire):
    claire.half_way()
    half = claire.browser.cookies["review-half"]
    claire.sign_in()
    known = claire.browser.cookies["review-browser"]

    assert half["httponly"]
    assert known["samesite"] == "Strict"
    rows = (HalfSignin, ReviewerBrowser, ReviewerSession)
    kept = str([list(model.objects.values()) for model in rows])
    assert half.value not in kept
    assert known.value not in kept


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_one_answer_given_by_several_at_once_opens_one_session(claire):
    claire.key.step = 0
    options, state = claire.half_way()
    answer = Answer("key", response=claire.key.prove(options), state=state)
    here = visit(half=claire.browser.cookies["review-half"].value)

    outcomes = at_once(*[partial(operations.give_key, answer, here)] * 4)

    assert outcomes == ["done", *["review.half_gone"] * 3]
    assert ReviewerSession.objects.count() == 1


# Copies and guesses.


def test_a_copied_key_is_refused_noted_and_told(claire, post, caplog):
    claire.sign_in()
    copy = Authenticator(**{**vars(claire.key), "count": 0})
    thief = browser()
    options, state = claire.half_way(thief)
    with caplog.at_level(logging.WARNING, "nichandle.sites.desk"):
        refused = give(thief, copy.prove(options), state)

    assert refused.headers["Location"] == "/desk/signin", "no key is left to ask for"
    assert str(ReviewerKeyMissing.message) in told(thief)
    assert not inside(claire.browser), "either of the two may have been the thief's"
    assert ReviewerKey.objects.get().copied_at is not None
    assert Allowance.objects.get(name="review.key").count == 1
    assert "a copy of the key" in caplog.text
    assert "Grey key" in text_of(post.last_to("claire@provider.example"))
    assert claire.give_password().status_code == 403, "nor when its counter has caught up"


def test_a_copied_key_leaves_its_trace_and_says_so_where_another_is_left(claire):
    first = ReviewerKey.objects.get()
    ReviewerKey.objects.create(
        reviewer=first.reviewer,
        name="Other",
        credential_id="otherkey",
        public_key=b"",
        sign_count=0,
        created_at=timezone.now(),
    )
    ReviewerKey.objects.filter(pk=first.pk).update(sign_count=9)
    options, state = claire.half_way()
    refused = give(claire.browser, claire.key.prove(options), state)

    assert refused.status_code == 422
    assert str(ReviewerKeyCopied.message) in said(refused)
    assert len(json.loads(asked(refused)[0])["allowCredentials"]) == 1


def test_a_key_without_counter_is_no_copy(claire):
    claire.key.step = 0
    for _ in range(2):
        assert inside(claire.sign_in(browser()))


def test_wrong_answers_of_keys_are_counted_and_close_no_known_browser(claire):
    thief = browser()
    for _ in range(10):
        options, state = claire.half_way(thief)
        assert give(thief, "{}", state).status_code == 422
    options, state = claire.half_way(thief)
    spent = give(thief, claire.key.prove(options), state)
    assert spent.status_code == 429
    assert "Retry-After" in spent.headers

    assert inside(claire.sign_in()), "the reviewer's own browser has an allowance of its own"


@pytest.mark.parametrize("response", ["{}", "[]", "null", "x", '{"id": 1}', "[" * 9000])
def test_nonsense_is_refused_as_any_other_wrong_answer(claire, response):
    _options, state = claire.half_way()
    for asked_for in (state, "x"):
        assert give(claire.browser, response, asked_for).status_code == 422
    assert not inside(claire.browser)


def test_strangers_failures_do_not_close_the_browser_a_reviewer_has_signed_in_with(claire):
    for number in range(12):
        stranger = browser(REMOTE_ADDR=f"198.51.{number}.1")
        claire.give_password(stranger, OTHER)
    assert claire.give_password(browser(), OWN).status_code == 429, "anybody else waits"
    neighbour = browser()
    for number in range(30):
        neighbour.post("/desk/signin", {"email": f"{number}@example.net", "password": OTHER})

    assert inside(claire.sign_in())


def test_a_known_browser_has_an_allowance_and_is_known_for_its_reviewer_alone(claire):
    malik = colleague("Malik")
    for _ in range(10):
        assert claire.give_password(password=OTHER).status_code == 422
    assert claire.give_password().status_code == 429
    assert inside(claire.sign_in(browser())), "the guesses in one browser are not another's"
    for _ in range(10):
        malik.give_password(claire.browser, OTHER)
    assert inside(malik.sign_in())


def test_half_a_sign_in_makes_no_browser_known(claire):
    thief = browser()
    claire.half_way(thief)

    assert ReviewerBrowser.objects.count() == 1
    assert "review-browser" not in thief.cookies


def test_a_browser_is_forgotten_after_a_year(claire):
    operations.clear_old(now=timezone.now() + timedelta(days=364))
    assert ReviewerBrowser.objects.exists()
    operations.clear_old(now=timezone.now() + timedelta(days=366))
    assert not ReviewerBrowser.objects.exists()


# Where the operator asks for none, in demo mode.


def test_without_the_demand_the_link_is_used_up_with_the_password(relaxed):
    link, here = invite("Claire"), browser()
    page = here.get(link)
    assert "data-key" not in said(page)
    assert here.post(link, {"password": OWN}).headers["Location"] == "/desk"

    assert browser().get(link).status_code == 410
    entered = Colleague("Claire").give_password(browser())
    assert entered.headers["Location"] == "/desk"


def test_whoever_has_a_key_is_asked_for_it_all_the_same(claire, relaxed):
    claire.half_way()
    assert not inside(claire.browser)
    assert inside(claire.sign_in())


def test_the_operator_begins_a_reset_and_neither_knows_nor_chooses_the_password():
    """A link is all there is; until its owner uses it, what was set before stays good."""
    diane = colleague("Diane")
    diane.browser.post("/desk/signout")
    before = StaffMember.objects.get().password

    link = invite("Diane")

    assert StaffMember.objects.get().password == before
    diane.sign_in()
    asked_now = browser().get(link).content.decode()
    assert re.search(r'<input type="password" name="password"[^>]*>', asked_now)
    assert not re.search(r'<input type="password"[^>]* value=', asked_now)
    parser = CommandParser()
    Command().add_arguments(parser)
    assert "password" not in parser.format_help()
