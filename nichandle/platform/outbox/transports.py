"""The ways a message leaves: a mail server, or in demo mode a file to read at /mail/."""

import re
import smtplib
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

from nichandle.platform.outbox.rendering import Message

TIMEOUT_SECONDS = 10
FRESH_SECONDS = 1.0
"""A connection used this lately is taken to be open; an older one is asked first."""
TAKEN, READY = (250, 251), 354
NOT_AVAILABLE, TOO_LARGE = 421, 552
_DOTS = re.compile(rb"^\.", re.MULTILINE)


class RefusedByServer(Exception):
    """The server refuses this mail for good; the text is its answer."""


class Later(Exception):
    """Not this mail, not now: the server asks to come back with it, or broke off."""


class Away(Exception):
    """There is no talking to the server at all, whatever the mail."""


def nothing() -> None:
    """Do nothing while the server thinks."""


class Transport(Protocol):
    def connect(self) -> None:
        """Be ready to send. :raises Away: when it cannot be"""

    def announce(self, message: Message) -> None:
        """
        Say ahead whom the next message is for, while it is still being settled if it leaves.

        :raises Away: when the connection is lost and there is no other
        """

    def withdraw(self) -> None:
        """Forget what was announced."""

    def send(self, message: Message, meanwhile: Callable[[], None] = nothing) -> None:
        """
        Hand a message over; ``meanwhile`` is called while the receiver takes it in.

        :raises RefusedByServer: for good. :raises Later: for now
        """

    def close(self) -> None: ...


class Smtp:
    """
    One connection to the mail server, opened with the first message and kept.

    What comes before the body is announced without waiting for the answers (all of it where the
    server knows RFC 2920), so that server and database work at the same time. A mail that does not
    leave after all is withdrawn by hanging up, which RFC 5321 section 4.1.1.4 makes safe: nothing
    is delivered before the end of the body.
    """

    def __init__(self, url: str) -> None:
        self.url = urlsplit(url)
        self.starttls = parse_qs(self.url.query).get("starttls", ["0"])[0] in {"1", "yes", "true"}
        self.server: smtplib.SMTP | None = None
        self.used_at = 0.0
        self.announced: Message | None = None

    def connect(self) -> None:
        self.withdraw()
        if self.server is not None and self._still_there(self.server):
            return
        try:
            self.server = self._open()
        except (OSError, smtplib.SMTPException) as error:
            raise Away(_words(error)) from error
        self.used_at = time.monotonic()

    def announce(self, message: Message) -> None:
        # What is said after an announcement would be read as the body of the mail announced.
        self.withdraw()
        if self.server is None:
            self.connect()
        if self.server is None or not self._takes(message, self.server):
            return
        options = "" if message.recipient.isascii() else " SMTPUTF8 BODY=8BITMIME"
        lines = f"MAIL FROM:<{message.sender}>{options}\r\n"
        if self.server.has_extn("pipelining"):
            lines += f"RCPT TO:<{message.recipient}>\r\nDATA\r\n"
        try:
            self.server.send(lines.encode())
        except (OSError, smtplib.SMTPException):
            self._hang_up()
        else:
            self.announced = message

    def withdraw(self) -> None:
        if self.announced is not None:
            self._hang_up()

    def send(self, message: Message, meanwhile: Callable[[], None] = nothing) -> None:
        if self.server is None:
            raise Later("the connection is lost")
        if not self._takes(message, self.server):
            raise RefusedByServer("the mail server takes only addresses of ASCII letters")
        try:
            self._talk(self.server, message, meanwhile)
        except (RefusedByServer, Later):
            raise
        except (OSError, smtplib.SMTPException) as error:
            self._hang_up()
            raise Later(_words(error)) from error
        except BaseException:
            self._hang_up()  # nobody knows how far the talk had come
            raise
        self.used_at = time.monotonic()

    def close(self) -> None:
        self.withdraw()
        if self.server is not None:
            with suppress(OSError, smtplib.SMTPException):
                self.server.quit()
            self._hang_up()

    def _hang_up(self) -> None:
        """Leave without a word: the server may be waiting for a body, and would take it for one."""
        server, self.server, self.announced = self.server, None, None
        if server is not None:
            server.close()

    def _talk(self, server: smtplib.SMTP, message: Message, meanwhile: Callable[[], None]) -> None:
        """Say one mail; step by step, because nobody need wait while the server takes it in."""
        if self.announced is not message:
            raise smtplib.SMTPServerDisconnected("the connection is lost")
        self.announced = None
        sender = server.getreply()
        if server.has_extn("pipelining"):
            recipient, data = server.getreply(), server.getreply()
            if recipient[0] not in TAKEN and data[0] == READY:
                self._hang_up()  # it waits for a body all the same
        else:
            self._expect(sender, TAKEN, refusals=(TOO_LARGE,))
            server.send(f"RCPT TO:<{message.recipient}>\r\n".encode())
            recipient = server.getreply()
            self._expect(recipient, TAKEN)
            data = server.docmd("DATA")
        self._expect(sender, TAKEN, refusals=(TOO_LARGE,))
        self._expect(recipient, TAKEN)
        self._expect(data, (READY,))
        server.send(_DOTS.sub(b"..", message.data) + b".\r\n")
        meanwhile()
        self._expect(server.getreply(), TAKEN)

    @staticmethod
    def _takes(message: Message, server: smtplib.SMTP) -> bool:
        return message.recipient.isascii() or bool(server.has_extn("smtputf8"))

    def _expect(
        self,
        reply: tuple[int, bytes],
        wanted: tuple[int, ...],
        refusals: tuple[int, ...] | None = None,
    ) -> None:
        """
        Go on with a wanted reply; else leave the connection fit for the next mail.

        ``refusals`` are the codes that are final: all 5xx, unless fewer are named, because what a
        server holds against our sender says nothing about this mail.
        """
        code, words = reply
        if code in wanted:
            return
        answer = f"{code} {words.decode(errors='replace')}"
        if code == NOT_AVAILABLE or self.server is None or self.server.rset()[0] != 250:
            self._hang_up()
        final = code in refusals if refusals is not None else 500 <= code < 600
        raise RefusedByServer(answer) if final else Later(answer)

    def _still_there(self, server: smtplib.SMTP) -> bool:
        if time.monotonic() - self.used_at < FRESH_SECONDS:
            return True
        with suppress(OSError, smtplib.SMTPException):
            if server.noop()[0] == 250:
                return True
        self._hang_up()
        return False

    def _open(self) -> smtplib.SMTP:
        host = self.url.hostname or "localhost"
        context = ssl.create_default_context()
        # Our own name is given: looking it up could take longer than all the rest.
        name = urlsplit(settings.BASE_URL).hostname or "localhost"
        server: smtplib.SMTP
        if self.url.scheme == "smtps":
            port = self.url.port or 465
            server = smtplib.SMTP_SSL(host, port, name, timeout=TIMEOUT_SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, self.url.port or 25, name, timeout=TIMEOUT_SECONDS)
        try:
            if self.starttls:
                server.starttls(context=context)
            server.ehlo_or_helo_if_needed()
            if self.url.username:
                server.login(unquote(self.url.username), unquote(self.url.password or ""))
        except BaseException:
            server.close()
            raise
        return server


class Files:
    """Writes each message into a folder; that write is its acceptance."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def connect(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Away(str(error)) from error

    def announce(self, message: Message) -> None:
        """Files need no announcement."""

    def withdraw(self) -> None:
        """Files need no announcement."""

    def send(self, message: Message, meanwhile: Callable[[], None] = nothing) -> None:
        stem = message.message_id.strip("<>").partition("@")[0]
        part = self.folder / f".{stem}.part"
        try:
            part.write_bytes(message.data)
            part.replace(self.folder / f"{stem}.eml")
        except OSError as error:
            raise Later(str(error)) from error
        meanwhile()

    def close(self) -> None:
        """Nothing is open."""


def configured() -> Transport:
    """Return the transport the settings name."""
    if settings.NICHANDLE_MAIL_URL:
        return Smtp(settings.NICHANDLE_MAIL_URL)
    return Files(settings.NICHANDLE_DATA / "mail")


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
