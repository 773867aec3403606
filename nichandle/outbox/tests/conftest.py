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
    sender_answer: str = "250 OK"
    extensions: list[str] = field(default_factory=list)
    taken: list = field(default_factory=list)
    sessions: list = field(default_factory=list)

    @property
    def connections(self) -> int:
        return len(self.sessions)

    def hang_up(self) -> None:
        self.sessions[-1].loop.call_soon_threadsafe(self.sessions[-1].transport.close)

    async def handle_EHLO(self, server, session, _envelope, hostname, responses):  # noqa: N802 - theirs
        session.host_name = hostname
        self.sessions.append(server)
        return [responses[0], *self.extensions, *responses[1:]]

    async def handle_MAIL(self, _server, _session, envelope, address, options):  # noqa: N802 - theirs
        if self.sender_answer.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.sender_answer

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 - theirs
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - theirs
        self.taken.append(message_from_bytes(envelope.content, policy=default))
        return "250 accepted"


@pytest.fixture(params=["one by one", "in a pipeline"])
def smtp(settings, unused_port: int, request) -> Iterator[Server]:
    server = Server()
    if request.param == "in a pipeline":
        server.extensions.append("250-PIPELINING")
    controller = Controller(server, hostname="127.0.0.1", port=unused_port, enable_SMTPUTF8=True)
    controller.start()
    settings.NICHANDLE_MAIL_URL = f"smtp://127.0.0.1:{unused_port}"
    yield server
    controller.stop()


@pytest.fixture(autouse=True)
def own_line(monkeypatch) -> Iterator[delivery.Line]:
    """No test talks to the server of the one before."""
    line = delivery.Line()
    monkeypatch.setattr(delivery, "line", line)
    yield line
    line.close()
