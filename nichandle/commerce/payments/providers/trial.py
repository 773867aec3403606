"""
The test provider: its payment page is ours, and the money is nobody's.

It behaves like a real one: it keeps its own note of each payment, says so by signed webhooks, twice
if need be, and is asked for the truth. Production does not start with it.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import pgettext_lazy

from nichandle.commerce.payments.models import PaymentTry, Refund
from nichandle.commerce.payments.providers.contract import (
    TOLERANCE,
    NotGenuine,
    OpenedPayment,
    RefundRefused,
    Seen,
    SentBack,
    ToldEvent,
)
from nichandle.commerce.payments.words import BEGUN, DECLINED, OVER, PAID, PENDING
from nichandle.platform.jobs.operations import enqueue
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.money import Money

NAME = "test"
LATER = timedelta(minutes=1)
"""How long a payment that is confirmed later takes."""
PURPOSE = "webhooks of the test provider"
CHOICES = ("pay", "decline", "later", "dispute")


class Trial:
    """The provider as the rest of the room sees it."""

    name = NAME
    label = pgettext_lazy("payment", "Test payment (no money moves)")
    header = "Test-Signature"
    cheap = True

    def open(self, _payment: PaymentTry, /, **_world: object) -> OpenedPayment:
        """Give the payment a secret address."""
        minted = tokens.mint()
        return OpenedPayment(address=f"/pay/test/{minted.secret}", ref=minted.digest)

    def number_of(self, ref: str) -> str:
        return ref

    def look(self, payment: PaymentTry, /, *, now: datetime) -> Seen:
        note = PaymentTry.objects.values_list("note", flat=True).get(pk=payment.pk)
        state = note.get("state", BEGUN)
        if state == PENDING and now >= datetime.fromisoformat(note["until"]):
            state = PAID
        if state != PAID:
            return Seen(state=state, reason=note.get("reason", ""))
        disputes = note.get("disputes", {})
        taken = {name: Money.of_minor(units, payment.currency) for name, units in disputes.items()}
        return Seen(state=PAID, amount=payment.amount, taken_back=taken)

    def read(self, body: bytes, signature: str, *, now: datetime) -> ToldEvent:
        stated, _dot, mac = signature.partition(".")
        if not _genuine(stated, body, mac):
            raise NotGenuine("signature")
        try:
            if abs(now - datetime.fromtimestamp(int(stated), UTC)) > TOLERANCE:
                raise NotGenuine("time")
            told = json.loads(body)
            at = datetime.fromtimestamp(told["at"], UTC)
            return ToldEvent(str(told["id"]), str(told["kind"]), str(told["payment"]), at)
        except (ValueError, TypeError, KeyError, OverflowError) as wrong:
            raise NotGenuine("unreadable") from wrong

    def send_back(self, refund: Refund, payment: PaymentTry) -> SentBack:
        if self.look(payment, now=refund.asked_at).taken_back:
            raise RefundRefused("the payment is in dispute")
        return SentBack(f"refund-{refund.key}")

    def failure(self, _refund: Refund) -> str:
        return ""

    @transaction.atomic
    def close(self, payment: PaymentTry) -> None:
        row = locked(PaymentTry.objects.filter(pk=payment.pk)).get()
        if row.note.get("state", BEGUN) in {BEGUN, DECLINED}:
            row.note |= {"state": OVER}
            row.save(update_fields=["note"])


@transaction.atomic
def choose(secret: str, choice: str, *, now: datetime) -> PaymentTry | None:
    """
    Do what was pressed on the test page; None when there is no such payment.

    Pressed twice, or after it was paid, it changes nothing: only a dispute follows a payment.
    """
    payment = of_secret(secret, lock=True)
    if payment is None:
        return None
    note = payment.note
    if note.get("state", BEGUN) in {BEGUN, DECLINED}:
        note |= _outcome(choice, now)
    elif choice == "dispute" and note["state"] == PAID:
        note["disputes"] = {"1": payment.amount_minor}
    payment.save(update_fields=["note"])
    if "until" in note:
        again = {"provider": NAME, "ref": payment.number}
        at = datetime.fromisoformat(note["until"])
        key = f"payments.look test {payment.number}"
        enqueue("payments.look", again, now=now, run_at=at, unique_key=key)
    return payment


def of_secret(secret: str, *, lock: bool = False) -> PaymentTry | None:
    """Return the payment of a test page; None when there is none."""
    rows = PaymentTry.objects.filter(provider=NAME, provider_ref=tokens.digest(secret))
    return (locked(rows) if lock else rows).first()


def webhook(payment: PaymentTry, *, now: datetime, event: str = "") -> tuple[bytes, str]:
    """Return what the test provider says of a payment, and its signature over time and body."""
    told = {
        "id": event or f"evt-{payment.number}-{now.timestamp()}",
        "kind": "payment.changed",
        "payment": payment.number,
        "at": int(now.timestamp()),
    }
    body = json.dumps(told).encode()
    return body, sign(body, now=now)


def sign(body: bytes, *, now: datetime) -> str:
    """Sign a body as the test provider does: time, a dot, HMAC-SHA-256 over both."""
    stated = str(int(now.timestamp()))
    return f"{stated}.{_mac(stated, body, tokens.signing_key(PURPOSE))}"


def _outcome(choice: str, now: datetime) -> Mapping[str, Any]:
    if choice == "pay":
        return {"state": PAID}
    if choice == "later":
        return {"state": PENDING, "until": (now + LATER).isoformat()}
    if choice == "decline":
        return {"state": DECLINED, "reason": "card_declined"}
    return {}


def _mac(stated: str, body: bytes, key: bytes) -> str:
    return hmac.new(key, stated.encode() + b"." + body, hashlib.sha256).hexdigest()


def _genuine(stated: str, body: bytes, mac: str) -> bool:
    return any(tokens.same(_mac(stated, body, key), mac) for key in tokens.signing_keys(PURPOSE))
