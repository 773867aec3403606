"""Two at the same moment: a double click, two agents, a customer and an agent."""

from uuid import uuid4

import pytest
from django.utils import timezone

from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.support.tickets import answering, operations
from nichandle.support.tickets.models import Ticket, TicketMessage
from nichandle.support.tickets.steps import TicketQuestion
from nichandle.support.tickets.tests.asking import again, newest
from tests.support.races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def question(once=None):
    return TicketQuestion(once or uuid4(), "assistance", "Where is my bill?", "I cannot find it.")


def opened(person, origin):
    return operations.ask(
        account_id=person.account.pk, question=question(), act=Act(origin, timezone.now())
    )


def test_a_double_click_opens_one_ticket(customer, origin):
    asked = question()

    def ask():
        act = Act(origin, timezone.now())
        return operations.ask(account_id=customer.account.pk, question=asked, act=act)

    found = at_once(*[ask] * 4)

    assert len({ticket.number for ticket in found}) == 1
    assert Ticket.objects.count() == TicketMessage.objects.count() == 1


def test_of_two_agents_who_answer_the_same_message_one_is_told(customer, origin):
    ticket = opened(customer, origin)
    seen = newest(ticket)

    def answer(name):
        act = Act.by_staff(name, timezone.now())
        return lambda: answering.answer(ticket.number, text=name, once=uuid4(), seen=seen, act=act)

    found = at_once(answer("Camille"), answer("Dominique"))

    (refused,) = [one for one in found if isinstance(one, Refused)]
    assert refused.code == "ticket.moved"
    assert TicketMessage.objects.filter(ticket=ticket, side="staff").count() == 1


def test_a_message_beside_an_answer_is_not_lost(customer, origin):
    ticket = opened(customer, origin)
    seen = newest(ticket)

    def write():
        operations.reply(
            account_id=customer.account.pk,
            number=ticket.number,
            text="One thing more",
            once=uuid4(),
            act=Act(origin, timezone.now()),
        )

    def answer():
        act = Act.by_staff("Camille", timezone.now())
        answering.answer(ticket.number, text="There", once=uuid4(), seen=seen, close=True, act=act)

    found = at_once(write, answer)

    # Either the answer came first and the message opened it again, or the answer was held back.
    assert again(ticket).state == "waiting"
    assert TicketMessage.objects.filter(ticket=ticket, side="customer").count() == 2
    held_back = any(isinstance(one, Refused) for one in found)
    assert TicketMessage.objects.filter(side="staff").count() == (0 if held_back else 1)
