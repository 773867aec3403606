"""A random walk of a ticket through both sides' hands, beside a model of a few lines."""

import random
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.support.tickets import answering, operations, queries
from nichandle.support.tickets.models import Ticket
from nichandle.support.tickets.operations import REOPENED_FOR
from nichandle.support.tickets.steps import TicketQuestion

pytestmark = pytest.mark.django_db


class Model:
    """What a ticket should be: its state, since when somebody waits, who wrote what."""

    def __init__(self, now):
        self.state, self.waits, self.closed, self.rating = "waiting", now, None, None
        self.said, self.forms, self.assignee, self.read = ["customer"], set(), "", 1

    def do(self, act, now, once, name):
        return getattr(self, act)(now, once, name)

    def write(self, now, once, _name):
        if once in self.forms:
            return ""
        if self.closed and now - self.closed > REOPENED_FOR:
            return "ticket.over"
        self.forms.add(once)
        self.said.append("customer")
        self.waits = self.waits or now
        self.state, self.closed = "waiting", None
        return ""

    def answer(self, now, once, name):
        if once in self.forms:
            return ""
        if self.read < len(self.said):
            return "ticket.moved"
        self.forms.add(once)
        self.said.append("staff")
        self.state, self.waits, self.closed = "answered", None, None
        self.assignee = self.assignee or name
        return ""

    def note(self, _now, once, _name):
        if once not in self.forms:
            self.forms.add(once)
            self.said.append("note")
        return ""

    def close(self, now, _once, _name):
        if self.state != "closed":
            self.state, self.waits, self.closed = "closed", None, now
        return ""

    dismiss = close

    def rate(self, _now, _once, name):
        if self.state != "closed":
            return "ticket.still_open"
        self.rating = len(name) % 5 + 1
        return ""

    def take(self, _now, _once, name):
        if self.assignee not in {"", name}:
            return "ticket.taken"
        self.assignee = name
        return ""

    def leave(self, _now, _once, name):
        if self.assignee == name:
            self.assignee = ""
        return ""


class Product:
    """The same through the operations."""

    def __init__(self, person, origin, now):
        self.person, self.origin = person, origin
        asked = TicketQuestion(uuid4(), "assistance", "Where?", "I cannot find it.")
        mine = Act(origin, now)
        self.ticket = operations.ask(account_id=person.account.pk, question=asked, act=mine)
        self.seen = self.newest()

    def newest(self):
        return queries.for_staff(self.ticket.number).newest

    def do(self, act, now, once, name):
        mine, theirs = Act(self.origin, now), Act.by_staff(name, now)
        number, own = self.ticket.number, {"account_id": self.person.account.pk}
        works = {
            "write": lambda: operations.reply(
                **own, number=number, text="More", once=once, act=mine
            ),
            "answer": lambda: answering.answer(
                number, text="So", once=once, seen=self.seen, act=theirs
            ),
            "note": lambda: answering.note(number, text="Hm", once=once, act=theirs),
            "close": lambda: operations.close(**own, number=number, act=mine),
            "dismiss": lambda: answering.close(number, act=theirs),
            "rate": lambda: operations.rate(
                **own, number=number, rating=len(name) % 5 + 1, words="", act=mine
            ),
            "take": lambda: answering.take(number, act=theirs),
            "leave": lambda: answering.leave(number, act=theirs),
        }
        try:
            works[act]()
        except Refused as refusal:
            return refusal.code
        return ""


ACTS = ["write", "answer", "note", "close", "dismiss", "rate", "take", "leave"]


@pytest.mark.parametrize("seed", range(6))
def test_a_ticket_goes_as_its_model_says(customer, origin, monkeypatch, seed):
    # How much is written in an hour is another rule's.
    monkeypatch.setattr(operations, "spend", lambda *_given, **_more: None)
    chance, now = random.Random(seed), timezone.now()
    product, model = Product(customer, origin, now), Model(now)
    used = [uuid4()]
    for _step in range(60):
        now += timedelta(minutes=chance.choice([1, 30, 3000, 30000]))
        once = chance.choice(used) if chance.random() < 0.2 else uuid4()
        used.append(once)
        if chance.random() < 0.5:
            product.seen, model.read = product.newest(), len(model.said)
        act, name = chance.choice(ACTS), chance.choice(["Camille", "Dominique"])

        assert product.do(act, now, once, name) == model.do(act, now, once, name), act
        found = Ticket.objects.get(pk=product.ticket.pk)
        assert (found.state, found.waiting_since, found.closed_at) == (
            model.state,
            model.waits,
            model.closed,
        )
        assert (found.assignee, found.rating) == (model.assignee, model.rating)
    shown = queries.for_staff(product.ticket.number).messages
    assert [message.side for message in shown] == model.said
    read = queries.seen(customer.account.pk, product.ticket.number).messages
    assert [message.side for message in read] == [side for side in model.said if side != "note"]
