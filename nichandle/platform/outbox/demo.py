"""The mails of demo mode, read back from their files."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings

_NAME = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail as it was sent."""

    name: str
    to: str
    sender: str
    subject: str
    at: datetime
    text: str
    html: str


def letters(*, limit: int = 100) -> list[Letter]:
    """Return the newest mails first."""
    folder: Path = settings.NICHANDLE_DATA / "mail"
    files = sorted(folder.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    return [_read(file) for file in files[:limit]]


def letter(name: str) -> Letter | None:
    """Return one mail by the name of its file; None when there is none."""
    file: Path = settings.NICHANDLE_DATA / "mail" / f"{name}.eml"
    return _read(file) if _NAME.fullmatch(name) and file.exists() else None


def _read(file: Path) -> Letter:
    message = message_from_bytes(file.read_bytes(), policy=default)
    return Letter(
        name=file.stem,
        to=str(message["To"]),
        sender=str(message["From"]),
        subject=str(message["Subject"]),
        at=parsedate_to_datetime(str(message["Date"])),
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""
