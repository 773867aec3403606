"""The code mailed to the current address, and the proof of the new one."""

import pytest
from django.test import Client
from django.utils import timezone

from nichandle.identity.emailchange.models import Change
from nichandle.identity.emailchange.tests.journey import NEW, UNDO, VETO
from nichandle.identity.pauses import queries as pauses
from nichandle.platform.audit import queries as ledger
from nichandle.platform.outbox.models import Mail
from tests.support.people import PASSWORD
from tests.support.post import text_of

pytestmark = pytest.mark.django_db


def acts(journey) -> list[str]:
    rows = ledger.entries_of(journey.customer.account.pk).rows
    return [row.act for row in rows if row.act.startswith("email.")]


def test_with_code_and_proof_it_is_made_at_once(journey):
    other = Client(HTTP_HOST="localhost")
    journey.customer.sign_in(other)
    journey.ask()
    code = journey.code(journey.customer.email)
    page = journey.browser.get("/account/address").content.decode()
    assert "I have received my validation code" in page
    assert "Will be accepted automatically on" in page
    assert journey.prove().status_code == 200
    assert journey.email == journey.customer.email

    answer = journey.browser.post("/account/address/code", {"code": code}, follow=True)

    assert f"Your primary address is now {NEW}." in answer.content.decode()
    assert journey.email == NEW
    assert journey.browser.get("/area").status_code == 200
    assert other.get("/area").status_code == 302
    assert pauses.running(journey.customer.account.pk, now=timezone.now()) is None
    assert "Your primary address has changed" in journey.subjects(NEW)[-1]
    assert journey.link(UNDO, journey.customer.email)
    assert acts(journey)[:2] == ["email.changed", "email.change_approved"]
    browser = Client(HTTP_HOST="localhost")
    assert browser.post("/signin", {"identifier": NEW, "password": PASSWORD}).status_code == 302


def test_the_code_first_and_then_the_proof_makes_it_too(journey):
    journey.ask()
    journey.browser.post("/account/address/code", {"code": journey.code(journey.customer.email)})
    assert journey.email == journey.customer.email

    answer = journey.prove()

    assert "is the primary address now" in answer.content.decode()
    assert journey.email == NEW


def test_the_mail_with_the_code_says_what_it_approves(journey):
    journey.ask()
    message = text_of(journey.post.last_to(journey.customer.email))

    assert NEW in message
    assert journey.customer.handle in message
    assert "not before" in message
    assert VETO.search(message)


def test_codes_are_sent_again_three_times_and_the_clock_is_unmoved(journey):
    journey.ask()
    first = journey.code(journey.customer.email)
    before = Change.objects.get().lapses_at
    journey.wait(minutes=20)
    for _ in range(3):
        journey.browser.post("/account/address/again", {"what": "code"})
    last = journey.code(journey.customer.email)
    answer = journey.browser.post("/account/address/again", {"what": "code"}, follow=True)
    assert "three times again already" in answer.content.decode()
    assert journey.browser.post("/account/address/code", {"code": first}).status_code == 422
    journey.prove()
    assert Change.objects.get().lapses_at == before

    journey.browser.post("/account/address/code", {"code": last})

    assert journey.email == NEW


def test_wrong_codes_say_how_many_are_left_and_the_tenth_ends_it(journey):
    journey.ask()
    for left in range(9, 0, -1):
        answer = journey.browser.post("/account/address/code", {"code": "BBBB-BBBB"})
        assert answer.status_code == 422
        assert f"You have {left} tries left today" in answer.content.decode()
    answer = journey.browser.post("/account/address/code", {"code": "BBBB-BBBB"}, follow=True)

    assert "tenth wrong code" in answer.content.decode()
    assert journey.state == "refused"


def test_wrong_codes_count_across_requests(journey):
    journey.ask("first@new.example")
    for _ in range(6):
        journey.browser.post("/account/address/code", {"code": "BBBB-BBBB"})
    journey.ask("second@new.example")
    for _ in range(4):
        journey.browser.post("/account/address/code", {"code": "BBBB-BBBB"})

    assert journey.state == "refused"


def test_the_code_of_one_request_is_worth_nothing_for_the_next(journey):
    journey.ask("first@new.example")
    code = journey.code(journey.customer.email)
    journey.ask("second@new.example")

    assert journey.browser.post("/account/address/code", {"code": code}).status_code == 422


def test_what_is_done_already_is_not_sent_again(journey):
    journey.ask()
    journey.prove()
    answer = journey.browser.post("/account/address/again", {"what": "proof"}, follow=True)
    assert "proven already" in answer.content.decode()
    assert "It is on its way" not in answer.content.decode()
    journey.browser.post("/account/address/withdraw")
    journey.ask("second@new.example")
    journey.browser.post("/account/address/code", {"code": journey.code(journey.email)})
    mails = Mail.objects.count()

    answer = journey.browser.post("/account/address/again", {"what": "code"}, follow=True)

    assert "entered already" in answer.content.decode()
    assert Mail.objects.count() == mails
