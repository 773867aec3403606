"""
Means that the test provider keeps: cards that pay, and cards that will not.

What a card does stands in its name there, so the provider keeps it as long as we do.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from nichandle.commerce.payments.models import PaymentTry, SavedMeans, Saving
from nichandle.commerce.payments.providers.contract import (
    Charged,
    MeansSeen,
    OpenedPayment,
    SavingSeen,
    Seen,
)
from nichandle.commerce.payments.words import BEGUN, BRANDS, DECLINED, OVER, PAID
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.database import locked


@dataclass(frozen=True, slots=True)
class TrialCard:
    """A card of the test provider, and what it does when it is charged."""

    brand: str
    last4: str
    months: int
    says: str | Promise

    @property
    def shown(self) -> str:
        """The card as the page of saved means shows it."""
        return f"{BRANDS[self.brand]} •••• {self.last4}"


CARDS = {
    "pays": TrialCard("visa", "4242", 37, pgettext_lazy("payment", "pays")),
    "ends": TrialCard(
        "mastercard", "4444", 0, pgettext_lazy("payment", "pays, and expires this month")
    ),
    "asks": TrialCard(
        "cartes_bancaires", "3184", 25, pgettext_lazy("payment", "asks its holder to confirm")
    ),
    "declines": TrialCard("visa", "0002", 18, pgettext_lazy("payment", "is declined")),
}
NOT_SAVED = "nothing"


class TrialVault:
    """The test provider's, as the rest of the room sees it."""

    def customer(self, account_id: UUID, _handle: str, /) -> str:
        return f"customer-{account_id}"

    def open(self, _saving: Saving, /, **_world: object) -> OpenedPayment:
        minted = tokens.mint()
        return OpenedPayment(address=f"/pay/test/card/{minted.secret}", ref=minted.digest)

    def look(self, saving: Saving, /) -> SavingSeen:
        note = Saving.objects.values_list("note", flat=True).get(pk=saving.pk)
        card = CARDS.get(note.get("card", ""))
        if card is None:
            return SavingSeen("over" if note else "begun")
        last_day = date.fromisoformat(note["last_day"])
        ref = f"{note['card']}-{saving.number}"
        return SavingSeen("saved", MeansSeen(ref, card.brand, card.last4, last_day))

    def held(self, _customer: str, saved: Sequence[SavedMeans], /) -> Sequence[MeansSeen]:
        return [MeansSeen(each.ref, each.brand, each.last4, each.last_day) for each in saved]

    def forget(self, _ref: str, /) -> None:
        """Nothing is kept here."""

    @transaction.atomic
    def charge(
        self, payment: PaymentTry, /, *, back: str, now: datetime, **_world: object
    ) -> Charged:
        row = locked(PaymentTry.objects.filter(pk=payment.pk)).get()
        if row.note:
            return Charged(_said(row), row.provider_ref, row.address)
        saved = SavedMeans.objects.get(pk=row.saved_id or 0)
        minted = tokens.mint()
        row.note, row.provider_ref, row.address = _note(saved, back, now), minted.digest, ""
        if row.note["state"] == BEGUN:
            row.address = f"/pay/test/{minted.secret}"
        row.save(update_fields=["note", "provider_ref", "address"])
        return Charged(_said(row), row.provider_ref, row.address)


def choose(secret: str, choice: str, *, now: datetime) -> Saving | None:
    """Note the card that was chosen on the test page; chosen again, the first stands."""
    with transaction.atomic():
        rows = Saving.objects.filter(provider="test", provider_ref=tokens.digest(secret))
        saving = locked(rows).first()
        if saving is None or saving.note or choice not in {*CARDS, NOT_SAVED}:
            return saving
        saving.note = {"card": choice}
        if card := CARDS.get(choice):
            saving.note["last_day"] = last_day_after(now.date(), card.months).isoformat()
        saving.save(update_fields=["note"])
    return saving


def last_day_after(today: date, months: int) -> date:
    """Return the last day of the month so many months after a day's."""
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return date(year, month + 1, monthrange(year, month + 1)[1])


def _note(saved: SavedMeans, back: str, now: datetime) -> dict[str, str]:
    kind = saved.ref.partition("-")[0]
    if saved.expired(now.date()):
        return {"state": DECLINED, "reason": "expired_card"}
    if kind == "declines":
        return {"state": DECLINED, "reason": "card_declined"}
    if kind == "asks":
        nobody = {"state": DECLINED, "reason": "authentication_required"}
        return {"state": BEGUN} if back else nobody
    return {"state": PAID}


def _said(payment: PaymentTry) -> Seen:
    state = payment.note["state"]
    if state == OVER:
        return Seen(state=OVER)
    amount = payment.amount if state == PAID else None
    return Seen(state=state, amount=amount, reason=payment.note.get("reason", ""))
