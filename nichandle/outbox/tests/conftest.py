"""A real mail server on loopback, which can be told to misbehave."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller

from nichandle.outbox import delivery


@dataclass
class Server:
    """Takes mail unless told what to answer to a recipient."""

    answers: dict[str, str] = field(default_factory=dict)
    taken: list = field(default_factory=list)

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 - theirs
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - theirs
        self.taken.append(message_from_bytes(envelope.content, policy=default))
        return "250 accepted"


@pytest.fixture
def smtp(settings, unused_port: int) -> Iterator[Server]:
    server = Server()
    controller = Controller(server, hostname="127.0.0.1", port=unused_port)
    controller.start()
    settings.NICHANDLE_MAIL_URL = f"smtp://127.0.0.1:{unused_port}"
    yield server
    controller.stop()


@pytest.fixture(autouse=True)
def own_connection() -> Iterator[None]:
    """No test talks to the server of the one before."""
    delivery._open.clear()
    yield
    for transport, _at in delivery._open.values():
        transport.close()
    delivery._open.clear()
