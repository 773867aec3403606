"""Customer service's pages of tickets: the queue, answers, notes, and who has taken what up."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from nichandle.platform.audit import queries as ledger
from nichandle.sites.desk.tests.people import browser, colleague, dismiss
from nichandle.support.tickets.models import TicketMessage
from nichandle.support.tickets.queries import PROMISE
from nichandle.support.tickets.tests.asking import again, ask, newest, page, write
from tests.support.post import text_of

pytestmark = pytest.mark.django_db


def read(here, path, status=200):
    found = here.get(path)
    assert found.status_code == status
    return found.content.decode()


def reply(here, ticket, text="It is larger now.", **changes):
    given = {"text": text, "once": str(uuid4()), "seen": newest(ticket), **changes}
    return here.post(f"/desk/ticket/{ticket.number}", given)


def test_the_queue_has_what_waits_longest_first_and_marks_what_is_late(customer, stranger):
    with time_machine.travel(timezone.now() - PROMISE - timedelta(minutes=1), tick=False):
        late = ask(customer)
    fresh = ask(stranger)
    shown = read(colleague("Camille").browser, "/desk/tickets")

    assert shown.index(late.number) < shown.index(fresh.number)
    assert shown.count("Late") == 1


def test_an_answer_is_mailed_and_the_ticket_leaves_the_queue(customer, post):
    ticket = ask(customer)
    post.deliver()
    camille = colleague("Camille").browser
    assert reply(camille, ticket).status_code == 302

    assert again(ticket).assignee == "Camille"
    assert ticket.number not in read(camille, "/desk/tickets")
    assert ticket.number in read(camille, "/desk/tickets?queue=answered")
    letters = [text_of(letter) for to, letter in post.deliver() if customer.email in to]
    assert any("It is larger now." in text for text in letters)
    (entry,) = [
        entry
        for entry in ledger.entries_of(customer.account.pk).rows
        if entry.act == "ticket.answered"
    ]
    assert json.loads(entry.details)["actor"] == "Camille"


def test_answered_and_closed_in_one_go_the_customer_is_mailed_once(customer, post):
    ticket = ask(customer)
    post.deliver()
    reply(colleague("Camille").browser, ticket, close="on")

    assert again(ticket).state == "closed"
    letters = [text_of(letter) for to, letter in post.deliver() if customer.email in to]
    assert len([text for text in letters if ticket.number in text]) == 1
    assert any("With that we have closed it" in text for text in letters)


def test_an_answer_sent_twice_is_mailed_once(customer, post):
    ticket, once = ask(customer), str(uuid4())
    post.deliver()
    camille, seen = colleague("Camille").browser, newest(ticket)
    for _time in range(2):
        assert reply(camille, ticket, once=once, seen=seen).status_code == 302

    assert TicketMessage.objects.filter(ticket=ticket, side="staff").count() == 1
    mailed = [letter for to, letter in post.deliver() if customer.email in to]
    assert len([each for each in mailed if "It is larger now." in text_of(each)]) == 1


def test_what_the_customer_wrote_meanwhile_is_shown_before_the_answer_leaves(customer):
    ticket = ask(customer)
    camille, seen = colleague("Camille").browser, newest(ticket)
    write(customer, ticket, "Forget it, it works now")
    found = reply(camille, ticket, "Please restart it", seen=seen)

    assert found.status_code == 409
    shown = found.content.decode()
    assert "Somebody has written in this ticket meanwhile" in shown
    assert "Forget it, it works now" in shown
    assert "Please restart it" in shown
    assert f'name="seen" value="{newest(ticket)}"' in shown
    assert not TicketMessage.objects.filter(side="staff").exists()


def test_notes_are_read_by_customer_service_alone(customer, post):
    ticket = ask(customer)
    post.deliver()
    camille = colleague("Camille").browser
    given = {"text": "He has called twice", "once": str(uuid4())}
    for _time in range(2):
        camille.post(f"/desk/ticket/{ticket.number}/note", given)

    assert read(camille, f"/desk/ticket/{ticket.number}").count("He has called twice") == 1
    assert "He has called twice" not in page(customer, f"/tickets/{ticket.number}")
    assert customer.email not in [to for to, _letter in post.deliver()]
    assert again(ticket).state == "waiting"
    empty = camille.post(f"/desk/ticket/{ticket.number}/note", {"text": "", "once": str(uuid4())})
    assert empty.status_code == 422


def test_a_ticket_is_taken_up_given_back_and_taken_over_knowingly(customer):
    ticket = ask(customer)
    camille, dominique = colleague("Camille").browser, colleague("Dominique").browser
    here = f"/desk/ticket/{ticket.number}"
    camille.post(f"{here}/take")
    assert ticket.number in read(camille, "/desk/tickets?queue=mine")
    assert ticket.number not in read(dominique, "/desk/tickets?queue=mine")

    # Seen as nobody's before Camille took it: that is said, and nothing changes.
    assert (
        "Camille has taken this ticket up"
        in dominique.post(f"{here}/take", {"over_from": ""}, follow=True).content.decode()
    )
    assert again(ticket).assignee == "Camille"
    dominique.post(f"{here}/leave")
    assert again(ticket).assignee == "Camille"
    dominique.post(f"{here}/take", {"over_from": "Camille"})
    assert again(ticket).assignee == "Dominique"
    dominique.post(f"{here}/leave")
    assert again(ticket).assignee == ""


def test_closed_without_an_answer_the_customer_is_told_once(customer, post):
    ticket = ask(customer)
    post.deliver()
    camille = colleague("Camille").browser
    for _time in range(2):
        camille.post(f"/desk/ticket/{ticket.number}/close")

    letters = [text_of(letter) for to, letter in post.deliver() if customer.email in to]
    assert len(letters) == 1
    assert "within 30 days" in letters[0]


def test_a_rating_and_its_words_reach_customer_service(customer):
    ticket = ask(customer)
    customer.browser.post(f"/tickets/{ticket.number}/close")
    customer.browser.post(f"/tickets/{ticket.number}/rate", {"rating": 1, "words": "Slow"})
    shown = read(colleague("Camille").browser, f"/desk/ticket/{ticket.number}")

    assert "Bad" in shown
    assert "Slow" in shown


PATHS = ("", "/note", "/take", "/leave", "/close")


def test_a_customer_s_session_opens_none_of_it(customer):
    ticket = ask(customer)
    for path in PATHS:
        found = customer.browser.post(f"/desk/ticket/{ticket.number}{path}", {"text": "x"})
        assert found.headers["Location"] == "/desk/signin"
    assert customer.browser.get("/desk/tickets").headers["Location"] == "/desk/signin"

    assert again(ticket).state == "waiting"
    assert TicketMessage.objects.count() == 1


def test_a_staff_session_opens_no_page_of_customers(customer):
    ticket = ask(customer)
    camille = colleague("Camille").browser

    assert camille.get(f"/tickets/{ticket.number}").headers["Location"].startswith("/signin")
    assert camille.get("/tickets").headers["Location"].startswith("/signin")


def test_the_open_tab_of_somebody_dismissed_does_nothing(customer):
    ticket = ask(customer)
    camille = colleague("Camille")
    dismiss("Camille")

    assert reply(camille.browser, ticket).headers["Location"] == "/desk/signin"
    assert again(ticket).state == "waiting"


def test_what_is_no_ticket_is_not_found():
    camille = colleague("Camille").browser
    read(camille, "/desk/ticket/T00000000", 404)
    for path in PATHS:
        given = {"text": "x", "once": str(uuid4()), "seen": 1}
        assert camille.post(f"/desk/ticket/T00000000{path}", given).status_code == 404


@pytest.mark.parametrize("after", ["x", "~", "2026-12-01T10:00:00+00:00~", "2026-99-01~1", "~1"])
def test_a_mangled_place_in_the_queue_begins_it_anew(customer, after):
    ticket = ask(customer)

    assert ticket.number in read(
        colleague("Camille").browser, f"/desk/tickets?after={after.replace('+', '%2B')}"
    )


def test_the_queue_goes_on_where_the_page_before_ended(customer, monkeypatch):
    monkeypatch.setattr("nichandle.support.tickets.queries.SIZE", 2)
    asked = [ask(customer, subject=f"Question {number}") for number in range(5)]
    camille, seen, address = colleague("Camille").browser, [], "/desk/tickets"
    while address:
        found = camille.get(address)
        seen += [row.number for row in found.context["found"].rows]
        following = found.context["found"].next
        address = f"/desk/tickets?after={following.replace('+', '%2B')}" if following else ""

    assert seen == [ticket.number for ticket in asked]


def test_visitors_are_sent_to_sign_in():
    assert browser().get("/desk/tickets").headers["Location"] == "/desk/signin"
