"""What proves the new address: its link in the browser that asked, or its code typed there."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from nichandle.identity.emailchange.errors import ProofCodeWrong
from nichandle.identity.emailchange.models import Change
from nichandle.identity.emailchange.outcome import proving
from nichandle.identity.emailchange.tests.journey import NEW, PROOF, newest, shown
from nichandle.platform.kernel.act import Act
from nichandle.platform.limits.models import Allowance
from nichandle.platform.outbox.models import Mail
from tests.support.people import make_person
from tests.support.post import CODE, text_of

pytestmark = pytest.mark.django_db
PROVE = "/account/address/prove"


def proven(journey) -> bool:
    return Change.objects.get(account=journey.customer.account, state="todo").proven_at is not None


def test_a_scanner_that_presses_the_button_proves_nothing(journey):
    journey.ask()
    link = journey.link(PROOF, NEW)
    for _ in range(3):
        page = journey.visitor.get(link).content.decode()
        assert "Type the code" in page
        assert "<form" not in page.partition("<main")[2].partition("</main>")[0]
        answer = journey.visitor.post(link)
        assert answer.status_code == 403
        assert "Not confirmed yet" in answer.content.decode()

    assert not proven(journey)
    assert journey.browser.post(link).status_code == 200
    assert proven(journey)


def test_another_browser_of_the_same_person_types_the_code_instead(journey):
    """Asked at the desk, read on the telephone."""
    journey.ask()
    telephone = journey.customer.sign_in(Client(HTTP_HOST="localhost"))
    assert telephone.post(journey.link(PROOF, NEW)).status_code == 403
    assert not proven(journey)

    answer = telephone.post(PROVE, {"code": journey.code(NEW).lower().replace("-", " ")})

    assert answer.headers["Location"] == "/account/address"
    assert proven(journey)


def test_the_browser_that_asked_proves_though_its_session_is_over(journey):
    journey.ask()
    journey.browser.post("/signout")

    assert journey.browser.post(journey.link(PROOF, NEW)).status_code == 200
    assert proven(journey)


def test_the_code_after_the_code_of_the_current_address_makes_the_change_at_once(journey):
    journey.ask()
    journey.browser.post("/account/address/code", {"code": journey.code(journey.customer.email)})

    answer = journey.browser.post(PROVE, {"code": journey.code(NEW)}, follow=True)

    assert f"Your primary address is now {NEW}." in answer.content.decode()
    assert journey.email == NEW


def test_the_code_of_one_address_is_worth_nothing_for_the_other(journey):
    journey.ask()
    to_current, to_new = journey.code(journey.customer.email), journey.code(NEW)

    assert journey.browser.post(PROVE, {"code": to_current}).status_code == 422
    assert journey.browser.post("/account/address/code", {"code": to_new}).status_code == 422
    assert journey.email == journey.customer.email


def test_the_code_of_another_account_proves_nothing(journey, contact):
    other = contact.sign_in()
    journey.ask()
    other.post("/account/address", {"address": "paul@new.example"})

    assert (
        journey.browser.post(PROVE, {"code": journey.code("paul@new.example")}).status_code == 422
    )
    assert not proven(journey)
    assert not Change.objects.filter(proven_at__isnull=False).exists()


def test_a_newer_code_voids_the_one_before(journey):
    journey.ask()
    first = journey.code(NEW)
    journey.browser.post("/account/address/again", {"what": "proof"})
    second = journey.code(NEW)

    assert journey.browser.post(PROVE, {"code": first}).status_code == 422
    assert journey.browser.post(PROVE, {"code": second}).status_code == 302


def test_a_wrong_code_says_how_many_tries_are_left_and_is_counted(journey):
    journey.ask()
    account = journey.customer.account
    for left in (9, 8):
        with pytest.raises(ProofCodeWrong) as wrong:
            proving.prove_by_code(
                account_id=account.pk, code="BBBB-BBBB", key=None, act=Act.by_itself(timezone.now())
            )
        assert f"{left} tries" in str(wrong.value)
    assert Allowance.objects.filter(name="email.proof_code", count=2).exists()
    assert not proven(journey)


def test_wrong_codes_are_counted_and_end_for_the_day(journey):
    journey.ask()
    for left in range(9, -1, -1):
        answer = journey.browser.post(PROVE, {"code": "BBBB-BBBB"})
        assert answer.status_code == 422
        assert f"You have {left} tries left today" in answer.content.decode()
    assert journey.browser.post(PROVE, {"code": journey.code(NEW)}).status_code == 429
    assert not proven(journey)

    journey.clock.shift(timedelta(days=1))
    browser = journey.customer.sign_in(journey.browser)
    assert browser.post(PROVE, {"code": journey.code(NEW)}).status_code == 302


def test_without_an_open_change_the_page_says_so(journey):
    answer = journey.browser.post(PROVE, {"code": "BBBB-BBBB"}, follow=True)

    assert "No change of address is under way" in answer.content.decode()


def test_no_code_fits_an_address_that_is_another_accounts(journey, stranger, monkeypatch):
    """Were it guessed, it would be wrong all the same."""
    monkeypatch.setattr("nichandle.platform.kernel.codes.mint_code", lambda: "BCDF-GHJK")
    journey.ask(stranger.email)

    answer = journey.browser.post(PROVE, {"code": "BCDF-GHJK"})

    assert answer.status_code == 422
    assert not proven(journey)


def test_the_mail_to_an_unproven_address_tells_nobody_who_asked_or_from_where(journey):
    journey.ask()
    journey.deliver()
    mail = Mail.objects.get(template="emailchange/mail/proof")
    message = journey.post.last_to(NEW)
    whole = f"{message['Subject']}\n{text_of(message)}\n{message.as_string()}"

    assert CODE.search(text_of(message))
    for told in (journey.customer.handle, journey.customer.email, "127.0.0.1", "Diane"):
        assert told not in whole
    assert (mail.handle, mail.origin_ip, mail.account_id) == ("", None, None)


def test_a_request_of_before_is_proven_by_who_is_signed_in(journey, contact):
    """It kept no browser and its mail had no code."""
    journey.ask()
    Change.objects.update(browser_digest="", proof_code_digest="")
    link = journey.link(PROOF, NEW)
    assert journey.visitor.post(link).status_code == 403
    assert contact.sign_in().post(link).status_code == 403
    assert not proven(journey)

    assert journey.customer.sign_in(Client(HTTP_HOST="localhost")).post(link).status_code == 200
    assert proven(journey)


def test_links_are_sent_again_three_times(journey):
    journey.ask()
    for _ in range(3):
        journey.browser.post("/account/address/again", {"what": "proof"})
        journey.deliver()
    sent = Mail.objects.filter(template="emailchange/mail/proof").count()
    answer = journey.browser.post("/account/address/again", {"what": "proof"}, follow=True)
    journey.deliver()

    assert "three times again already" in answer.content.decode()
    assert sent == 4
    assert Mail.objects.filter(template="emailchange/mail/proof").count() == sent
    assert "Write to the new address again" not in shown(journey)


def test_one_account_has_so_many_mails_sent_to_strangers_in_a_day(journey, contact):
    for number in range(2):
        journey.ask(f"n{number}@new.example")
        for _ in range(3):
            journey.browser.post("/account/address/again", {"what": "proof"})
    assert Allowance.objects.get(name="email.proof_account").count == 8

    answer = journey.ask("n3@new.example")

    assert answer.status_code == 429
    assert journey.state == "todo"
    assert contact.sign_in().post("/account/address", {"address": NEW}).status_code == 302
    journey.clock.shift(timedelta(days=1))
    journey.customer.sign_in(journey.browser)
    assert journey.ask("n3@new.example").status_code == 302


def test_one_address_gets_so_many_mails_in_a_day_whoever_asks(journey):
    for number in range(8):
        place = Client(HTTP_HOST="localhost", REMOTE_ADDR=f"203.0.{number // 4}.9")
        asker = make_person(f"asker{number}@example.org").sign_in(place)
        assert asker.post("/account/address", {"address": NEW}).status_code == 302
    journey.deliver()
    assert len(journey.subjects(NEW)) == 8

    assert journey.ask(NEW.upper()).status_code == 429
    assert not Change.objects.filter(account=journey.customer.account).exists()
    assert journey.ask("other@new.example").status_code == 302


def test_an_unproven_address_is_said_first_everywhere(journey):
    """Nothing tells that there is nothing to do while there is."""
    page = journey.browser.get("/account/address").content.decode()
    assert "nothing changes before you have confirmed it" in page
    assert "Once the new address is confirmed" in page
    journey.ask()
    for path in ("/account/address", "/area"):
        text = shown(journey, path)
        assert "Waits for the proof of the new address." in text
        assert text.index("Waits for the proof") < text.index("at the earliest, once it is proven")
    code = newest(journey, journey.customer.email, "Code to change")
    assert "nothing changes before it is" in code
    assert code.index("not confirmed yet") < code.index("accepted automatically")
    assert "Once the new address is confirmed, the change is accepted automatically" in code
    journey.wait(days=6, hours=23)
    said = [text_of(message) for to, message in journey.post.messages if to != NEW]
    assert said
    assert not [text for text in said if "nothing to do" in text]


def test_a_proven_one_is_no_longer_said_to_wait_for_its_proof(journey):
    journey.ask()
    journey.prove()
    journey.wait(hours=20, minutes=30)
    reminder = newest(journey, journey.customer.email, "changes in four hours")

    assert "Then there is nothing to do" in reminder
    assert "not confirmed yet" not in reminder
    assert "Waits for the proof" not in shown(journey)
