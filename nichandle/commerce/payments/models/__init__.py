"""
What this room keeps.

owed   what is owed, and the money that moved for it
tries  tries to pay at a provider, and what providers tell
bank   statements, and their lines
saved  means of payment that accounts keep at a provider
"""

from nichandle.commerce.payments.models.bank import BankLine, TakenStatement
from nichandle.commerce.payments.models.owed import Movement, Receivable, Refund
from nichandle.commerce.payments.models.saved import ProviderCustomer, SavedMeans, Saving
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
    "ProviderCustomer",
    "ProviderEvent",
    "Receivable",
    "Refund",
    "RefusedEvent",
    "SavedMeans",
    "Saving",
    "Share",
    "TakenStatement",
]
