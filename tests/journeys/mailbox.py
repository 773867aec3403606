"""The mail server of journeys, and one mail as its reader has it."""

import re
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

CODE = re.compile(r"\b[B-Z]{4}-[B-Z]{4}\b")


@dataclass
class Mailbox:
    """What the mail server was given, by recipient and Message-ID."""

    messages: dict[tuple[str, str], EmailMessage] = field(default_factory=dict)

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802 - the library's
        message = message_from_bytes(envelope.content, policy=default)
        for recipient in envelope.rcpt_tos:
            self.messages[recipient, str(message["Message-ID"])] = message
        return "250 accepted"


@dataclass(frozen=True)
class Letter:
    """One mail that has arrived."""

    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    @property
    def code(self) -> str:
        return self._found(CODE)

    def link(self, beginning: str) -> str:
        """Return the address in its text whose path begins so."""
        return self._found(re.compile(rf"http://localhost:\d+{re.escape(beginning)}\S+"))

    def _found(self, pattern: re.Pattern[str]) -> str:
        found = pattern.search(self.text)
        assert found, f"no {pattern.pattern} in “{self.subject}”"
        return found[0]
