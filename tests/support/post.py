"""The mails that wait, delivered into memory and read as their readers do."""

import re
from collections.abc import Callable
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cached_property
from typing import Any

import pytest
from django.utils import timezone

from nichandle.platform.outbox import delivery, rendering
from nichandle.platform.outbox import operations as outbox
from nichandle.platform.outbox.models import Mail
from nichandle.platform.outbox.rendering import Message

CODE = re.compile(r"\b[B-Z]{4}-[B-Z]{4}\b")


class Letter:
    """A mail that has arrived; parsed once somebody looks at it, which few are."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @cached_property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.data.replace(b"\r\n", b"\n"), policy=default)

    @cached_property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    def __getattr__(self, name: str) -> Any:
        return getattr(self.message, name)

    def __getitem__(self, name: str) -> Any:
        return self.message[name]


class Post:
    """Delivers what waits, into memory, and reads it as its reader does."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, Letter]] = []

    def connect(self) -> None:
        """Nothing needs opening."""

    announce = withdraw = lambda *_: None

    def send(self, message: Message, meanwhile: Callable[[], None]) -> None:
        self.messages.append((message.recipient, Letter(message.data)))
        meanwhile()

    def close(self) -> None:
        """Nothing is open."""

    def deliver(self) -> list[tuple[str, Letter]]:
        before = len(self.messages)
        for mail in Mail.objects.filter(state="queued").order_by("pk"):
            delivery.deliver_one(mail, self, clock=timezone.now)
        return self.messages[before:]

    def take(self, mail: Mail) -> None:
        """Read one mail, and leave it to the test to say that it was accepted."""
        self.send(rendering.message(mail), lambda: None)

    def last_to(self, address: str) -> Letter:
        self.deliver()
        return [message for recipient, message in self.messages if recipient == address][-1]

    def code_to(self, address: str) -> str:
        found = CODE.search(text_of(self.last_to(address)))
        assert found, "the mail holds no code"
        return found[0]


def waiting_code(template: str, address: str) -> str:
    """Read the code in a mail that waits, and leave the mail where it is."""
    mail = Mail.objects.filter(template=template, recipient=address, state="queued").latest("pk")
    found = CODE.search(rendering.message(mail).data.decode())
    assert found, "the mail holds no code"
    return found[0]


def text_of(message: Letter) -> str:
    return message.text


@pytest.fixture
def post() -> Post:
    return Post()


def deliver(now: datetime | None = None, *, to: str | None = None, how: str = "accept") -> None:
    """Let the mail server take what waits: accept, refuse the address, or never be there."""
    moment = now or timezone.now()
    waiting = Mail.objects.filter(state="queued").order_by("pk")
    for mail in waiting.filter(recipient=to) if to else waiting:
        if how == "accept":
            outbox.accept(mail, now=moment)
        elif how == "refuse":
            outbox.refuse(mail, error="no such mailbox", now=moment)
