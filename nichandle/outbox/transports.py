"""The ways a message leaves: a mail server, or in demo mode a file to read at /mail/."""

import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

TIMEOUT_SECONDS = 10


class Refused(Exception):
    """The server refuses this recipient for good; the text is its answer."""


class Later(Exception):
    """Not now: the server is away or asks to come back."""


class Transport(Protocol):
    def send(self, message: EmailMessage, recipient: str) -> None:
        """:raises Refused: for good. :raises Later: for now"""

    def close(self) -> None: ...


class Smtp:
    """One connection to the mail server, opened with the first message and kept."""

    def __init__(self, url: str) -> None:
        self.url = urlsplit(url)
        self.starttls = parse_qs(self.url.query).get("starttls", ["0"])[0] in {"1", "yes", "true"}
        self.connection: smtplib.SMTP | None = None

    def send(self, message: EmailMessage, recipient: str) -> None:
        try:
            connection = self.connection or self._connect()
            sender = message["From"].addresses[0].addr_spec
            connection.send_message(message, from_addr=sender, to_addrs=[recipient])
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise _refusal(code, text) from error
        except smtplib.SMTPResponseException as error:
            self.close()
            if isinstance(error, smtplib.SMTPDataError):
                raise _refusal(error.smtp_code, error.smtp_error) from error
            raise Later(str(error)) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(str(error)) from error
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Later(str(error) or type(error).__name__) from error

    def close(self) -> None:
        if self.connection is not None:
            try:
                self.connection.quit()
            except (OSError, smtplib.SMTPException):
                self.connection.close()
            self.connection = None

    def _connect(self) -> smtplib.SMTP:
        host = self.url.hostname or "localhost"
        context = ssl.create_default_context()
        connection: smtplib.SMTP
        if self.url.scheme == "smtps":
            port = self.url.port or 465
            connection = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context)
        else:
            connection = smtplib.SMTP(host, self.url.port or 25, timeout=TIMEOUT_SECONDS)
        if self.starttls:
            connection.starttls(context=context)
        if self.url.username:
            connection.login(unquote(self.url.username), unquote(self.url.password or ""))
        self.connection = connection
        return connection


class Files:
    """Writes each message into a folder; that write is its acceptance."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage, recipient: str) -> None:  # noqa: ARG002 - the interface's
        self.folder.mkdir(parents=True, exist_ok=True)
        stem = message["Message-ID"].strip("<>").partition("@")[0]
        part = self.folder / f".{stem}.part"
        try:
            part.write_bytes(message.as_bytes())
            part.replace(self.folder / f"{stem}.eml")
        except OSError as error:
            raise Later(str(error)) from error

    def close(self) -> None:
        """Nothing is open."""


def configured() -> Transport:
    """Return the transport the settings name."""
    if settings.NICHANDLE_MAIL_URL:
        return Smtp(settings.NICHANDLE_MAIL_URL)
    return Files(settings.NICHANDLE_DATA / "mail")


def _refusal(code: int, text: bytes | str) -> Exception:
    answer = text.decode(errors="replace") if isinstance(text, bytes) else text
    kind = Refused if 500 <= code < 600 else Later
    return kind(f"{code} {answer}")
