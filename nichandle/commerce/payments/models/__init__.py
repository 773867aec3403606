"""
What this room keeps.

owed   what is owed, and the money that moved for it
tries  tries to pay at a provider, and what providers tell
bank   statements, and their lines
"""

from nichandle.commerce.payments.models.bank import BankLine, TakenStatement
from nichandle.commerce.payments.models.owed import Movement, Receivable, Refund
from nichandle.commerce.payments.models.tries import (
    PaymentTry,
    ProviderEvent,
    RefusedEvent,
    Share,
)

__all__ = [
    "BankLine",
    "Movement",
    "PaymentTry",
    "ProviderEvent",
    "Receivable",
    "Refund",
    "RefusedEvent",
    "Share",
    "TakenStatement",
]
