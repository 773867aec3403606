"""From a mail's row to the message that leaves, and to what a person may be shown of it."""

import binascii
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from functools import cache
from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext

from nichandle.platform.kernel import addresses, tokens
from nichandle.platform.kernel.wording import browsers
from nichandle.platform.kernel.wording.text import undirected, unlinked
from nichandle.platform.kernel.wording.zones import zone
from nichandle.platform.outbox.models import SECRETS, Mail

_OF_ADDRESSES = re.compile(r"^named$|(?:^|_)address(?:es)?$")
MASK = "••••••••"
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_GAP = re.compile(r"(?<=\S) {2,}(?=\S)")
_BREAKS = re.compile(r"[\x00-\x20\x7f\x85\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    text: str
    html: str


def rendered(mail: Mail) -> Rendered:
    """Render a mail as a page may show it: every secret masked, whatever the mail's state."""
    return _render(mail, dict.fromkeys(mail.secret_names, MASK))


def subject_of(mail: Mail) -> str:
    """Return the subject of what ``rendered`` renders, which is all that a list shows."""
    context = _context(mail, dict.fromkeys(mail.secret_names, MASK))
    with _reader(mail):
        return _subject_in(mail, context)


@dataclass(frozen=True, slots=True)
class Message:
    """One mail as it travels: the envelope, and headers and bodies as bytes."""

    sender: str
    recipient: str
    message_id: str
    data: bytes


def message(mail: Mail) -> Message:
    """
    Build the message that leaves, with its secrets.

    Written down directly: the library's parsing and folding of each header took longer than the
    templates, the database and the mail server's answer together.
    """
    secrets = json.loads(tokens.unseal(mail.secrets, SECRETS)) if mail.secrets else {}
    parts = _render(mail, secrets)
    written_sender, sender = _sender(settings.NICHANDLE_MAIL_FROM)
    recipient = addresses.on_the_wire(mail.recipient)
    boundary = f"=_{mail.message_id.strip('<>').partition('@')[0]}"
    head = (
        ("Subject", Header(parts.subject, header_name="Subject").encode(linesep="\r\n")),
        ("From", written_sender),
        ("To", _one_line(recipient)),
        ("Date", format_datetime(mail.created_at)),
        ("Message-ID", _one_line(mail.message_id)),
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", _one_line(mail.language)),
        ("MIME-Version", "1.0"),
        ("Content-Type", f'multipart/alternative; boundary="{boundary}"'),
    )
    written = [
        "".join(f"{title}: {value}\r\n" for title, value in head).encode(),
        _part(boundary, "plain", parts.text),
        _part(boundary, "html", parts.html),
        f"\r\n--{boundary}--\r\n".encode(),
    ]
    return Message(sender, recipient, mail.message_id, b"".join(written))


@cache
def _sender(setting: str) -> tuple[str, str]:
    """Return the operator's sender as a header says it and as the envelope does."""
    name, address = parseaddr(setting)
    return formataddr((name, address)), address


def _part(boundary: str, kind: str, body: str) -> bytes:
    head = (
        f"\r\n--{boundary}\r\n"
        f'Content-Type: text/{kind}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    lines = _LINE_ENDS.sub("\r\n", body)
    return head.encode() + binascii.b2a_qp(lines.encode(), istext=True)


def _one_line(value: str) -> str:
    """:raises ValueError: when a value would begin a header of its own"""
    if _CONTROLS.search(value):
        raise ValueError("a line break in a header")
    return value


def _render(mail: Mail, secrets: dict[str, str]) -> Rendered:
    context = _context(mail, secrets)
    with _reader(mail):
        return Rendered(
            subject=_subject_in(mail, context),
            text=_body(mail, _as_text(f"{mail.template}.txt", context)),
            html=render_to_string(f"{mail.template}.html", context),
        )


@contextmanager
def _reader(mail: Mail) -> Iterator[None]:
    """Speak the language of a mail's reader, and tell times as their clock does."""
    chosen = mail.context.get("time_zone") or settings.NICHANDLE_TIME_ZONE
    with translation.override(mail.language), timezone.override(zone(chosen)):
        yield


def _subject_in(mail: Mail, context: dict[str, Any]) -> str:
    return _subject(mail, _as_text(f"{mail.template}.subject.txt", context))


def _body(mail: Mail, text: str) -> str:
    body = text.strip() + "\n"
    # An account being opened has no identifier yet: where sentences name it there is a gap.
    return body if mail.handle else _GAP.sub(" ", body)


def _context(mail: Mail, secrets: dict[str, str]) -> dict[str, Any]:
    context: dict[str, Any] = {
        **{name: _read_back(name, value) for name, value in mail.context.items()},
        "handle": mail.handle,
        "brand": settings.NICHANDLE_BRAND,
        "site_url": settings.BASE_URL,
        "accent": settings.NICHANDLE_ACCENT,
        "support_url": settings.NICHANDLE_SUPPORT_URL,
        "origin_ip": mail.origin_ip or "",
        "origin_browser": browsers.recognised(mail.origin_browser),
        "at": mail.created_at,
        "language": mail.language,
        "recipient": addresses.shown(mail.recipient),
        **secrets,
    }
    if mail.origin_ip and not context["origin_browser"]:
        with translation.override(mail.language):
            context["origin_browser"] = gettext("an unknown browser")
    return context


def _undirected(value: Any) -> Any:
    if isinstance(value, list):
        return [_undirected(one) for one in value]
    return undirected(value) if isinstance(value, str) else value


def _shown(value: Any) -> Any:
    if isinstance(value, list):
        return [_shown(one) for one in value]
    if isinstance(value, str):
        return ", ".join(addresses.shown(one) for one in value.split(", "))
    return value


def _as_text(name: str, context: dict[str, Any]) -> str:
    """Render what is no HTML: an ampersand stays one, whatever the template says of escaping."""
    template = get_template(name).template  # type: ignore[attr-defined]  # Django's own engine
    return str(template.render(Context(context, autoescape=False)))


def _read_back(name: str, value: Any) -> Any:
    """
    Read back what JSON has not: a time or a length of time.

    Names of times end in ``_at`` (ISO 8601), those of lengths of time in ``_for`` (seconds). Those
    of addresses are ``named`` or end in ``address`` or ``addresses``: of one that looks like
    another is shown what it is, whatever mail it stands in. A ``name`` was chosen by a person, who
    may not be the reader: nothing in it becomes a link.
    """
    value = _undirected(value)
    if name == "name":
        return unlinked(value)
    if _OF_ADDRESSES.search(name):
        return _shown(value)
    if name.endswith("_at") and value:
        return datetime.fromisoformat(value)
    return timedelta(seconds=value) if name.endswith("_for") else value


def _subject(mail: Mail, text: str) -> str:
    # One line whatever a name holds, so that nobody writes headers of their own; French keeps its
    # no-break spaces.
    line = _BREAKS.sub(" ", text).strip()
    return f"[{mail.handle}] {line}" if mail.handle else line
