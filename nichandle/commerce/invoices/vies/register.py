"""
What the register says of one number, over the REST service of the Commission.

The service is a door to the registers of the member states, which are often away: only a plain yes
or no is an answer, and everything else is silence (Regulation 904/2010, article 31).
"""

import json
import logging
import re
from dataclasses import dataclass
from typing import Any, Literal

from django.conf import settings

from nichandle.platform.kernel.later import later

requests = later("requests", seldom=True)
urllib3 = later("urllib3.exceptions", seldom=True)
log = logging.getLogger("nichandle.invoices")
SECONDS = 10
LONGEST_ANSWER = 64 * 1024
CONSULTATION_LENGTH = 32
_CONSULTATION = re.compile(r"[A-Za-z0-9]{1,32}")
NO_NUMBER = "INVALID_INPUT"
"""What it says of what cannot be a number of that state."""
OUR_FAULT = {"INVALID_REQUESTER_INFO", "VAT_BLOCKED", "IP_BLOCKED"}

Verdict = Literal["valid", "invalid", "silent"]


@dataclass(frozen=True, slots=True)
class RegisterAnswer:
    """
    ``consultation`` is the number under which the register remembers that it was asked.

    ``why`` is what it said in place of an answer, for the operator.
    """

    verdict: Verdict
    consultation: str = ""
    why: str = ""


def on() -> bool:
    """Tell whether there is a register to ask."""
    return bool(settings.NICHANDLE_VIES_URL) or bool(settings.NICHANDLE_MODE == "demo")


def ask(number: str, *, requester: str) -> RegisterAnswer:
    """
    Ask about one number, its state's two letters first; ``requester`` is the seller's own.

    Never raises for what the network or the register does: that is silence.
    """
    if not settings.NICHANDLE_VIES_URL:
        return _stand_in(number)
    question = {"countryCode": number[:2], "vatNumber": number[2:]}
    if requester:
        question |= {"requesterMemberStateCode": requester[:2], "requesterNumber": requester[2:]}
    try:
        with requests.post(
            settings.NICHANDLE_VIES_URL,
            json=question,
            timeout=SECONDS,
            allow_redirects=False,
            stream=True,
        ) as answer:
            body = answer.raw.read(LONGEST_ANSWER, decode_content=True)
            return read(answer.status_code, body)
    except (requests.RequestException, urllib3.HTTPError) as trouble:
        return RegisterAnswer("silent", why=type(trouble).__name__)


def read(status: int, body: bytes) -> RegisterAnswer:
    """Return what an answer says; what cannot be understood is silence."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return RegisterAnswer("silent", why=f"status {status}, no JSON")
    if not isinstance(said, dict):
        return RegisterAnswer("silent", why=f"status {status}, no object")
    fault = _fault(said)
    if fault == NO_NUMBER:
        return RegisterAnswer("invalid", why=fault)
    valid = said.get("valid")
    if status != requests.codes.ok or fault or not isinstance(valid, bool):
        if fault in OUR_FAULT:
            log.error("VIES refuses to answer us: %s.", fault)
        return RegisterAnswer("silent", why=fault or f"status {status}")
    return RegisterAnswer("valid" if valid else "invalid", _consultation(said))


def _fault(said: dict[str, Any]) -> str:
    """Return the fault that an answer names, in letters of ours; empty when it names none."""
    wrapped = said.get("errorWrappers")
    first = wrapped[0] if isinstance(wrapped, list) and wrapped else None
    named = first.get("error") if isinstance(first, dict) else said.get("userError")
    if said.get("actionSucceed") is False and not isinstance(named, str):
        return "unnamed"
    if not isinstance(named, str) or named in {"VALID", "INVALID"}:
        return ""
    return re.sub(r"[^A-Z_]", "", named.upper())[:40] or "unnamed"


def _consultation(said: dict[str, Any]) -> str:
    found = said.get("requestIdentifier")
    return found if isinstance(found, str) and _CONSULTATION.fullmatch(found) else ""


def _stand_in(number: str) -> RegisterAnswer:
    """Answer in the demo: unknown is what ends in 9, and of what ends in 8 nothing is heard."""
    if number.endswith("9"):
        return RegisterAnswer("invalid", "DEMO")
    return (
        RegisterAnswer("silent", why="demo")
        if number.endswith("8")
        else RegisterAnswer("valid", "DEMO")
    )
