"""A customer asks, writes again, closes the ticket and says how it was."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from nichandle.platform.audit import queries as ledger
from nichandle.support.tickets.models import Ticket, TicketMessage
from nichandle.support.tickets.operations import REOPENED_FOR
from nichandle.support.tickets.tests.asking import (
    QUESTION,
    again,
    answer,
    ask,
    page,
    send,
    write,
)
from tests.support.post import text_of

pytestmark = pytest.mark.django_db


def acts(person):
    return [entry.act for entry in ledger.entries_of(person.account.pk).rows]


def test_a_question_gets_a_number_and_is_confirmed_by_mail(customer, post):
    ticket = ask(customer)

    assert ticket.state == "waiting"
    assert ticket.waiting_since == ticket.opened_at
    assert ticket.handle == customer.handle
    shown = page(customer, f"/tickets/{ticket.number}")
    assert "Since Monday every mail to accueil@mercier.example" in shown
    assert ticket.number in page(customer, "/tickets")
    assert "ticket.opened" in acts(customer)
    (letter,) = [
        letter
        for to, letter in post.deliver()
        if customer.email in to and ticket.number in letter["Subject"]
    ]
    assert f"[{customer.handle}]" in letter["Subject"]
    assert f"/tickets/{ticket.number}" in text_of(letter)
    assert "Since Monday" not in text_of(letter)


def test_a_form_sent_twice_asks_once(customer):
    once = str(uuid4())
    first = ask(customer, once=once)
    second = send(customer, once=once)

    assert second.headers["Location"] == f"/tickets/{first.number}"
    assert Ticket.objects.count() == 1
    assert TicketMessage.objects.count() == 1


def test_the_same_key_in_the_form_of_somebody_else_is_another_question(customer, stranger):
    once = str(uuid4())
    mine, theirs = ask(customer, once=once), ask(stranger, once=once)

    assert mine.pk != theirs.pk
    assert theirs.account_id == stranger.account.pk


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"subject": ""}, "Say in a few words"),
        ({"text": " \n "}, "Write what you want to say"),
        ({"category": "gift"}, "Select a valid choice"),
        ({"category": None}, "Choose one of these"),
        ({"text": "x" * 10_001}, "at most 10,?000 characters"),
        ({"subject": "x" * 121}, "at most 120 characters"),
        ({"once": "no key"}, "valid"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(customer, changes, said):
    customer.sign_in()
    found = send(customer, **changes)

    assert found.status_code == 422
    shown = found.content.decode()
    for name in ("subject", "text"):
        if name not in changes:
            assert QUESTION[name].splitlines()[0] in shown
    assert not Ticket.objects.exists()
    assert re.search(said, shown)


def test_it_may_be_about_a_service_of_one_s_own_and_of_nobody_else(
    customer, stranger, make_service
):
    service = make_service()
    ticket = ask(customer, service=service.pk)

    assert ticket.service_id == service.pk
    assert service.name in page(customer, f"/tickets/{ticket.number}")
    stranger.sign_in()
    assert service.name not in page(stranger, f"/tickets/new?service={service.pk}")
    refused = send(stranger, service=service.pk)
    assert Ticket.objects.filter(account=stranger.account, service=service).count() == 0
    assert refused.status_code in {302, 422}


def test_the_page_of_a_service_leads_to_a_question_about_it(customer, make_service):
    service = make_service()
    customer.sign_in()

    assert f"/tickets/new?service={service.pk}" in page(customer, f"/services/{service.pk}")
    chosen = page(customer, f"/tickets/new?service={service.pk}")
    assert f'<option value="{service.pk}" selected>' in chosen


@pytest.mark.parametrize("typed", ["x", "-1", "9" * 30, "²", ""])
def test_a_service_that_is_none_asks_about_none(customer, typed):
    customer.sign_in()

    assert "Ask customer service" in page(customer, f"/tickets/new?service={typed}")


def test_nobody_reads_writes_closes_or_rates_the_ticket_of_somebody_else(customer, stranger):
    ticket = ask(customer)
    stranger.sign_in()
    page(stranger, f"/tickets/{ticket.number}", 404)
    assert write(stranger, ticket).status_code == 404
    assert stranger.browser.post(f"/tickets/{ticket.number}/close").status_code == 404
    rating = {"rating": 1, "words": "bad"}
    assert stranger.browser.post(f"/tickets/{ticket.number}/rate", rating).status_code == 404

    assert again(ticket).state == "waiting"
    assert TicketMessage.objects.count() == 1
    assert ticket.number not in page(stranger, "/tickets")


def test_a_number_that_is_none_is_not_found(customer):
    customer.sign_in()
    for number in ("T00000000", "x", "T1", "C12345678"):
        page(customer, f"/tickets/{number}", 404)


def test_an_answer_comes_by_mail_and_the_customer_goes_on(customer, post, now):
    ticket = ask(customer)
    post.deliver()
    answer(ticket, now)

    assert again(ticket).state == "answered"
    assert again(ticket).waiting_since is None
    letters = [text_of(letter) for to, letter in post.deliver() if customer.email in to]
    assert any("Its mailbox was full" in text for text in letters)
    assert write(customer, ticket).status_code == 302
    assert again(ticket).state == "waiting"
    shown = page(customer, f"/tickets/{ticket.number}")
    assert shown.index("Since Monday") < shown.index("Its mailbox") < shown.index("It still does")
    assert "Camille" in shown
    assert {"ticket.answered", "ticket.replied"} <= {*acts(customer)}


def test_a_message_sent_twice_is_said_once(customer):
    ticket = ask(customer)
    once = str(uuid4())
    for _time in range(2):
        assert write(customer, ticket, once=once).status_code == 302

    assert TicketMessage.objects.filter(ticket=ticket).count() == 2


def test_who_writes_again_keeps_their_place_in_the_queue(customer):
    ticket = ask(customer)
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
        write(customer, ticket)

    assert again(ticket).waiting_since == ticket.waiting_since


def test_closed_by_its_customer_it_can_be_rated_and_rated_anew(customer):
    ticket = ask(customer)
    rate = f"/tickets/{ticket.number}/rate"
    assert customer.browser.post(rate, {"rating": 5, "words": ""}).status_code == 409
    customer.browser.post(f"/tickets/{ticket.number}/close")
    assert "How was it?" in page(customer, f"/tickets/{ticket.number}")
    assert customer.browser.post(rate, {"words": "Nobody answered"}).status_code == 422
    customer.browser.post(rate, {"rating": 2, "words": "Nobody answered"})
    customer.browser.post(rate, {"rating": 4, "words": "They called"})

    assert (again(ticket).rating, again(ticket).rating_words) == (4, "They called")
    assert "They called" in page(customer, f"/tickets/{ticket.number}")


@pytest.mark.parametrize("rating", [0, 6, -1, "x", 10**20])
def test_only_what_stands_on_the_page_is_a_rating(customer, rating):
    ticket = ask(customer)
    customer.browser.post(f"/tickets/{ticket.number}/close")
    found = customer.browser.post(f"/tickets/{ticket.number}/rate", {"rating": rating})

    assert found.status_code == 422
    assert again(ticket).rating is None


def test_closed_twice_it_is_closed_once(customer):
    ticket = ask(customer)
    for _time in range(2):
        assert customer.browser.post(f"/tickets/{ticket.number}/close").status_code == 302

    assert acts(customer).count("ticket.closed") == 1


def test_written_in_within_thirty_days_a_closed_ticket_is_open_again(customer):
    ticket = ask(customer)
    customer.browser.post(f"/tickets/{ticket.number}/close")
    write(customer, ticket)

    assert again(ticket).state == "waiting"
    assert again(ticket).closed_at is None
    assert "ticket.reopened" in acts(customer)


def test_later_it_says_what_to_do_and_keeps_what_was_typed(customer):
    ticket = ask(customer)
    customer.browser.post(f"/tickets/{ticket.number}/close")
    with time_machine.travel(timezone.now() + REOPENED_FOR + timedelta(minutes=1), tick=False):
        customer.sign_in()
        found = write(customer, ticket, "Now I have time again")

    assert found.status_code == 409
    assert "closed more than 30 days ago" in found.content.decode()
    assert "Now I have time again" in found.content.decode()
    assert again(ticket).state == "closed"


def test_after_twenty_questions_a_day_one_has_to_wait(customer):
    customer.sign_in()
    found = [send(customer).status_code for _time in range(21)]

    assert found == [302] * 20 + [429]
    assert Ticket.objects.count() == 20


def test_after_sixty_messages_an_hour_one_has_to_wait(customer):
    ticket = ask(customer)
    found = [write(customer, ticket).status_code for _time in range(61)]

    assert found == [302] * 60 + [429]


def test_what_is_written_stays_text(customer, now):
    ticket = ask(customer, subject="<b>bold</b>", text="<script>alert(1)</script>")
    answer(ticket, now, "<img src=x onerror=alert(2)>")
    shown = page(customer, f"/tickets/{ticket.number}")

    assert "<script>alert(1)" not in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert "<img src=x" not in shown
    assert "<b>bold" not in shown


def test_the_list_is_searched_by_number_word_and_state(customer, now):
    first = ask(customer, subject="Élan brisé")
    second = ask(customer, subject="Une facture")
    answer(second, now)

    assert first.number in page(customer, "/tickets?text=elan")
    assert second.number not in page(customer, "/tickets?text=elan")
    assert second.number in page(customer, f"/tickets?text={second.number[1:]}")
    found = page(customer, "/tickets?state=answered")
    assert second.number in found
    assert first.number not in found
    assert "No ticket like that" in page(customer, "/tickets?text=%25")


def test_a_long_list_comes_in_pages(customer, monkeypatch):
    monkeypatch.setattr("nichandle.support.tickets.queries.SIZE", 2)
    customer.sign_in()
    for number in range(5):
        send(customer, subject=f"Question {number}")
    newest = Ticket.objects.order_by("-pk").first()
    second = page(customer, f"/tickets?after={newest.pk - 1}")

    assert "Question 2" in second
    assert "Question 4" not in second
    assert "To the beginning" in second


def test_who_has_none_is_told_what_the_page_is_for(customer):
    customer.sign_in()

    assert "No ticket yet" in page(customer, "/tickets")


def test_of_a_very_long_ticket_the_newest_messages_are_shown(customer, monkeypatch):
    monkeypatch.setattr("nichandle.support.tickets.queries.MESSAGES_SHOWN", 3)
    ticket = ask(customer)
    for number in range(4):
        write(customer, ticket, f"Message {number}")
    shown = page(customer, f"/tickets/{ticket.number}")

    assert "The oldest messages of this ticket are not shown" in shown
    assert "Since Monday" not in shown
    assert "Message 3" in shown


def test_a_page_reads_no_more_where_there_is_much(customer, django_assert_num_queries):
    ticket = ask(customer)
    with django_assert_num_queries(3):
        page(customer, f"/tickets/{ticket.number}")
    for _time in range(10):
        write(customer, ticket)
        send(customer)
    with django_assert_num_queries(3):
        page(customer, f"/tickets/{ticket.number}")
