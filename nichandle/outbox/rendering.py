"""From a mail's row to the message that leaves, and to what a person may be shown of it."""

import json
import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation

from nichandle.kernel import tokens
from nichandle.outbox.models import Mail

MASK = "••••••••"
_BREAKS = re.compile(r"[ \t\r\n\f\v\x1c-\x1f\x85\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    text: str
    html: str


def rendered(mail: Mail) -> Rendered:
    """Render a mail as a page may show it: every secret masked, whatever the mail's state."""
    return _render(mail, dict.fromkeys(mail.secret_names, MASK))


def message(mail: Mail) -> EmailMessage:
    """Build the message that leaves, with its secrets."""
    secrets = json.loads(tokens.unseal(mail.secrets)) if mail.secrets else {}
    parts = _render(mail, secrets)
    name, address = parseaddr(settings.NICHANDLE_MAIL_FROM)
    built = EmailMessage(policy=SMTP.clone(max_line_length=200))
    built["Subject"] = parts.subject
    built["From"] = Address(name, addr_spec=address)
    built["To"] = mail.recipient
    built["Date"] = format_datetime(mail.created_at)
    built["Message-ID"] = mail.message_id
    built["Auto-Submitted"] = "auto-generated"
    built["Content-Language"] = mail.language
    built.set_content(parts.text, cte="quoted-printable")
    built.add_alternative(parts.html, subtype="html", cte="quoted-printable")
    return built


def _render(mail: Mail, secrets: dict[str, str]) -> Rendered:
    context: dict[str, Any] = {
        **mail.context,
        "handle": mail.handle,
        "brand": settings.NICHANDLE_BRAND,
        "site_url": settings.BASE_URL,
        "accent": settings.NICHANDLE_ACCENT,
        "support_url": settings.NICHANDLE_SUPPORT_URL,
        "origin_ip": mail.origin_ip or "",
        "origin_browser": mail.origin_browser,
        "at": mail.created_at,
        "language": mail.language,
        "recipient": mail.recipient,
        **secrets,
    }
    zone = mail.context.get("time_zone") or settings.NICHANDLE_TIME_ZONE
    with translation.override(mail.language), timezone.override(zone):
        return Rendered(
            subject=_subject(mail, render_to_string(f"{mail.template}.subject.txt", context)),
            text=render_to_string(f"{mail.template}.txt", context).strip() + "\n",
            html=render_to_string(f"{mail.template}.html", context),
        )


def _subject(mail: Mail, text: str) -> str:
    # One line whatever a name holds, so that nobody writes headers of their own; French keeps its
    # no-break spaces.
    line = _BREAKS.sub(" ", text).strip()
    return f"[{mail.handle}] {line}" if mail.handle else line
