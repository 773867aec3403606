"""A mail to write, and a real mail server on loopback, which can be told to misbehave."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller

from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox import delivery, operations
from nichandle.platform.outbox.models import Mail
from nichandle.platform.outbox.tests.sending import CODE


@dataclass
class Server:
    """Takes mail unless told what to answer to a recipient."""

    answers: dict[str, str] = field(default_factory=dict)
    sender_answer: str = "250 OK"
    extensions: list[str] = field(default_factory=list)
    recipients: list = field(default_factory=list)
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
        self.recipients.extend(envelope.rcpt_tos)
        self.taken.append(message_from_bytes(envelope.content, policy=default))
        return "250 accepted"


@contextmanager
def serving(port: int, *extensions: str) -> Iterator[Server]:
    server = Server(extensions=list(extensions))
    controller = Controller(server, hostname="127.0.0.1", port=port, enable_SMTPUTF8=True)
    controller.start()
    yield server
    controller.stop()


@pytest.fixture(params=["one by one", "in a pipeline"])
def smtp(settings, unused_port: int, request) -> Iterator[Server]:
    """A server that takes commands one by one, and one that takes several at once."""
    settings.NICHANDLE_MAIL_URL = f"smtp://127.0.0.1:{unused_port}"
    extensions = ["250-PIPELINING"] if request.param == "in a pipeline" else []
    with serving(unused_port, *extensions) as server:
        yield server


@pytest.fixture
def mail_server() -> Callable:
    """For tests in which the server comes late."""
    return serving


@pytest.fixture
def clumsy_server() -> Callable:
    """One that refuses the recipient and asks for the body all the same, as RFC 2920 lets it."""

    @contextmanager
    def serve(port: int) -> Iterator[list[str]]:
        said: list[str] = []
        with socket.create_server(("127.0.0.1", port)) as listening:
            talk = threading.Thread(target=_talk_clumsily, args=(listening, said))
            talk.start()
            yield said
            talk.join(10)

    return serve


def _talk_clumsily(listening: socket.socket, said: list[str]) -> None:
    answers = {"EHLO": "250-clumsy\r\n250 PIPELINING", "MAIL": "250 OK", "RCPT": "550 no such user"}
    talk, _address = listening.accept()
    with talk, talk.makefile("rb") as lines:
        talk.sendall(b"220 clumsy\r\n")
        for line in lines:
            said.append(line.decode().strip())
            answer = answers.get(said[-1][:4].upper(), "354 go on")
            talk.sendall(f"{answer}\r\n".encode())


@pytest.fixture(autouse=True)
def own_line(monkeypatch) -> Iterator[delivery.WayOut]:
    """No test talks to the server of the one before."""
    line = delivery.WayOut()
    monkeypatch.setattr(delivery, "line", line)
    yield line
    line.close()


@pytest.fixture
def write(now, origin):
    def written(to="diane@example.org", **changes) -> Mail:
        values = {
            "template": "signup/mail/code",
            "to": to,
            "language": "en",
            "account_id": None,
            "handle": "dm429850-OVH",
            "context": {"minutes": 30},
            "secrets": {"code": CODE},
            "act": Act(origin, now),
        }
        return operations.enqueue(**{**values, **changes})

    return written
