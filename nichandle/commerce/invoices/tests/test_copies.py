"""Copies of every invoice for an accountant: asked, agreed to, sent, ended by either side."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from nichandle.commerce.invoices.models import Invoice, InvoiceCopy, InvoiceLink
from nichandle.commerce.invoices.sharing import copies
from nichandle.commerce.invoices.tests.helpers import draft_for, issue_all
from nichandle.platform.audit import queries as ledger
from nichandle.platform.outbox.models import Mail
from tests.support.post import text_of

pytestmark = pytest.mark.django_db
ACCOUNTANT = "compta@cabinet.example"


def ask(person, address=ACCOUNTANT):
    person.sign_in()
    return person.browser.post("/invoices/copies", {"address": address})


def letters(post, address=ACCOUNTANT):
    """Deliver what waits; return what an address has got now, as text."""
    return [text_of(letter) for to, letter in post.deliver() if to == address]


def link(text, what):
    found = re.search(rf"/invoices/{what}/\S+", text)
    assert found, text
    return found[0]


def agreed(person, post, visitor, address=ACCOUNTANT):
    ask(person, address)
    (text,) = letters(post, address)
    answer = visitor.post(link(text, "copies/agree"), {"meaning": "agree"})
    assert answer.status_code == 200
    return InvoiceCopy.objects.get(address=address, account=person.account)


def issue(person, post, cents=1000):
    draft_for(person, cents)
    issue_all()
    return Invoice.objects.order_by("-pk").first()


def acts(person):
    return [entry.act for entry in ledger.entries_of(person.account.pk).rows]


def test_an_address_is_asked_and_the_account_is_told(customer, post):
    answer = ask(customer)

    assert answer.status_code == 302
    sent = post.deliver()
    (question,) = [text_of(letter) for to, letter in sent if to == ACCOUNTANT]
    assert f"The customer {customer.handle} of" in question
    assert "Mercier" not in question
    assert "203.0.113" not in question
    told = [text_of(letter) for to, letter in sent if to == customer.email]
    assert len([text for text in told if ACCOUNTANT in text]) == 1
    assert "Has not answered yet" in customer.browser.get("/invoices/copies").content.decode()
    assert "invoice.copy_asked" in acts(customer)


def test_before_anybody_has_agreed_nothing_is_sent(customer, post, quick_files):
    ask(customer)
    post.deliver()
    issue(customer, post)

    assert letters(post) == []


def test_once_agreed_each_new_document_comes_as_a_link_that_opens_it(
    customer, post, visitor, quick_files
):
    agreed(customer, post, visitor)
    invoice = issue(customer, post)
    (text,) = letters(post)

    assert invoice.number in text
    shown = visitor.get(link(text, "shared"))
    assert shown.status_code == 200
    assert invoice.number in shown.content.decode()
    assert visitor.get(f"{link(text, 'shared')}/pdf").status_code == 200
    page = customer.browser.get(f"/invoices/{invoice.number}/links").content.decode()
    assert f"mailed to {ACCOUNTANT}" in page
    assert "invoice.copy_agreed" in acts(customer)


def test_links_by_copies_leave_those_by_hand_their_number(customer, post, visitor, quick_files):
    agreed(customer, post, visitor)
    invoice = issue(customer, post)
    for _time in range(5):
        answer = customer.browser.post(f"/invoices/{invoice.number}/links/new")
        assert "This is the link" in answer.content.decode()


def test_in_the_list_of_mails_the_secrets_of_a_copy_are_masked(
    customer, post, visitor, quick_files
):
    agreed(customer, post, visitor)
    issue(customer, post)
    mail = Mail.objects.get(template="invoices/mail/copy")
    (text,) = letters(post)
    for path in (f"/account/mails/{mail.pk}", f"/account/mails/{mail.pk}/html"):
        shown = customer.browser.get(path).content.decode()
        for what in ("shared", "copies/stop"):
            assert link(text, what).rpartition("/")[2] not in shown


@pytest.mark.parametrize("sent", [{}, {"meaning": "nothing"}, {"meaning": "x"}])
def test_a_program_that_presses_buttons_agrees_to_nothing(customer, post, visitor, sent):
    ask(customer)
    path = link(letters(post)[0], "copies/agree")
    visitor.get(path)
    visitor.post(path, sent)

    assert InvoiceCopy.objects.get().agreed_at is None
    assert visitor.get(path).status_code == 200


def test_refused_it_gets_nothing_and_the_link_is_over(customer, post, visitor, quick_files):
    ask(customer)
    path = link(letters(post)[0], "copies/agree")
    visitor.post(path, {"meaning": "decline"})
    issue(customer, post)

    assert letters(post) == []
    assert visitor.get(path).status_code == 410
    assert visitor.post(path, {"meaning": "agree"}).status_code == 410
    assert ACCOUNTANT not in customer.browser.get("/invoices/copies").content.decode()


def test_an_answer_works_once(customer, post, visitor):
    ask(customer)
    path = link(letters(post)[0], "copies/agree")
    for _time in range(2):
        answer = visitor.post(path, {"meaning": "agree"})

    assert answer.status_code == 410
    assert acts(customer).count("invoice.copy_agreed") == 1


def test_after_seven_days_the_question_is_over_and_can_be_asked_anew(customer, post, visitor):
    ask(customer)
    path = link(letters(post)[0], "copies/agree")
    with time_machine.travel(timezone.now() + copies.AGREED_WITHIN, tick=False):
        assert visitor.post(path, {"meaning": "agree"}).status_code == 410
        assert ask(customer).status_code == 302


def test_whoever_gets_copies_can_stop_them(customer, post, visitor, quick_files):
    agreed(customer, post, visitor)
    issue(customer, post)
    path = link(letters(post)[0], "copies/stop")
    visitor.post(path, {"meaning": "nothing"})
    assert InvoiceCopy.objects.get().ended_at is None
    visitor.post(path, {"meaning": "stop"})
    issue(customer, post, 2000)

    assert letters(post) == []
    assert visitor.get(path).status_code == 410
    assert "invoice.copy_ended" in acts(customer)


def test_taken_away_no_more_come_and_what_was_sent_opens_nothing(
    customer, post, visitor, quick_files
):
    copy = agreed(customer, post, visitor)
    issue(customer, post)
    path = link(letters(post)[0], "shared")
    for _time in range(2):
        customer.browser.post(f"/invoices/copies/{copy.pk}/remove")
    issue(customer, post, 2000)

    assert letters(post) == []
    assert visitor.get(path).status_code == 410
    assert acts(customer).count("invoice.copy_ended") == 1


@pytest.mark.parametrize("made_up", ["", "x", "1-", "1-" + "0" * 32, "9" * 30, "²-a", "-1-a"])
def test_a_made_up_stop_stops_nothing(customer, post, visitor, made_up):
    agreed(customer, post, visitor)

    assert visitor.post(f"/invoices/copies/stop/{made_up}", {"meaning": "stop"}).status_code in {
        404,
        410,
    }
    assert InvoiceCopy.objects.get().ended_at is None


def test_the_stop_of_one_stops_no_other(customer, contact, post, visitor, quick_files):
    agreed(customer, post, visitor)
    other = agreed(contact, post, visitor)
    issue(customer, post)
    number, _dash, seal = link(letters(post)[0], "copies/stop").rpartition("/")[2].partition("-")
    assert number != str(other.pk)

    assert visitor.get(f"/invoices/copies/stop/{other.pk}-{seal}").status_code == 410


def test_nobody_takes_away_the_address_of_somebody_else(customer, stranger, post, visitor):
    copy = agreed(customer, post, visitor)
    stranger.sign_in()

    assert stranger.browser.post(f"/invoices/copies/{copy.pk}/remove").status_code == 404
    assert ACCOUNTANT not in stranger.browser.get("/invoices/copies").content.decode()
    copy.refresh_from_db()
    assert copy.ended_at is None


def test_an_address_is_asked_for_each_customer_apart(customer, contact, post, visitor, quick_files):
    agreed(customer, post, visitor)
    ask(contact)
    post.deliver()
    issue(contact, post)

    assert letters(post) == []


@pytest.mark.parametrize("address", ["", "nobody", "a@b", "x" * 300 + "@example.org"])
def test_what_is_no_address_is_said_beside_the_field(customer, address):
    assert ask(customer, address).status_code == 422
    assert not InvoiceCopy.objects.exists()


def test_the_same_address_is_asked_once_and_six_are_too_many(customer, post):
    assert ask(customer).status_code == 302
    assert ask(customer, "Compta@Cabinet.example").status_code == 409
    for number in range(4):
        assert ask(customer, f"n{number}@example.org").status_code == 302
    answer = ask(customer, "n9@example.org")

    assert answer.status_code == 409
    assert "take one away first" in answer.content.decode()
    assert InvoiceCopy.objects.count() == 5


def test_one_mailbox_is_not_flooded_by_one_network(customer, contact, stranger, post):
    for person in (customer, contact, customer, contact):
        ask(person)

    assert ask(stranger).status_code == 429
    assert len(letters(post)) == 2


def test_a_session_that_is_old_adds_no_address(customer):
    customer.sign_in()
    with time_machine.travel(timezone.now() + timedelta(minutes=15), tick=False):
        answer = customer.browser.post("/invoices/copies", {"address": ACCOUNTANT})

    assert 'name="password"' in answer.content.decode()
    assert not InvoiceCopy.objects.exists()


def test_a_document_that_is_not_issued_leaves_no_copy(customer, post, visitor, monkeypatch):
    agreed(customer, post, visitor)

    assert not InvoiceLink.objects.exists()
    assert not Mail.objects.filter(template="invoices/mail/copy").exists()
