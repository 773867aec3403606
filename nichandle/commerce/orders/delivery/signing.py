"""
Signed messages between the product and the operator's provisioning.

The header says when and proves who, as Stripe's does: ``t=<seconds>,v1=<HMAC-SHA-256 of
"seconds.body">``. A recorded message is worth nothing after five minutes.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

HEADER = "Nichandle-Signature"
TOLERANCE = timedelta(minutes=5)
SIGNED = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})\Z")


def sign(body: bytes, secret: str, *, now: datetime) -> str:
    """Return the header that goes with a body."""
    seconds = str(int(now.timestamp()))
    return f"t={seconds},v1={_mac(body, secret, seconds)}"


def genuine(header: str, body: bytes, secrets: Sequence[str], *, now: datetime) -> bool:
    """Tell whether a body comes from who knows one of the secrets, and was written just now."""
    read = SIGNED.match(header)
    if read is None:
        return False
    seconds, mac = read.groups()
    if abs(now.timestamp() - int(seconds)) > TOLERANCE.total_seconds():
        return False
    macs = (_mac(body, secret, seconds) for secret in secrets if secret)
    return any(hmac.compare_digest(mac, each) for each in macs)


def _mac(body: bytes, secret: str, seconds: str) -> str:
    text = seconds.encode() + b"." + body
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
