"""Tickets as customers open them and as customer service answers them."""

from uuid import uuid4

from nichandle.platform.kernel.act import Act
from nichandle.support.tickets import answering
from nichandle.support.tickets.models import Ticket, TicketMessage

QUESTION = {
    "category": "incident",
    "subject": "Mails to one address come back",
    "text": "Since Monday every mail to accueil@mercier.example comes back.\nWhat can I do?",
}


def send(person, **changes):
    """Send the form of a question from the browser of somebody who is signed in."""
    given = {**QUESTION, "once": str(uuid4()), **changes}
    return person.browser.post("/tickets/new", {k: v for k, v in given.items() if v is not None})


def ask(person, **changes) -> Ticket:
    """Sign somebody in, and have them open a ticket."""
    person.sign_in()
    answer = send(person, **changes)
    assert answer.status_code == 302, answer.content.decode()
    return Ticket.objects.get(number=answer.headers["Location"].rpartition("/")[2])


def write(person, ticket, text="It still does not work.", **changes):
    given = {"text": text, "once": str(uuid4()), **changes}
    return person.browser.post(f"/tickets/{ticket.number}", given)


def answer(
    ticket, now, text="Its mailbox was full. It is larger now.", *, by="Camille", close=False
):
    answering.answer(
        ticket.number,
        text=text,
        once=uuid4(),
        seen=newest(ticket),
        close=close,
        act=Act.by_staff(by, now),
    )


def newest(ticket) -> int:
    return int(
        TicketMessage.objects.filter(ticket=ticket).order_by("-pk").values_list("pk", flat=True)[0]
    )


def page(person, path, status=200) -> str:
    found = person.browser.get(path, HTTP_ACCEPT_LANGUAGE="en")
    assert found.status_code == status
    return found.content.decode()


def again(ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)
