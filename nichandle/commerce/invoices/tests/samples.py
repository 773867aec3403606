"""What the mails of this room say: each case that a template tells apart."""

from tests.support.samples import IDENTIFIER, Samples

_INVOICE = {
    "handle": IDENTIFIER,
    "customer": IDENTIFIER,
    "number": "F2026-000123",
    "kind": "invoice",
    "amount": "12,00 €",
    "due": "",
    "own": "yes",
}

SAMPLES: Samples = {
    "invoices/mail/issued": (
        _INVOICE,
        _INVOICE | {"due": "31 December 2026"},
        _INVOICE | {"number": "A2026-000007", "kind": "credit_note"},
        _INVOICE | {"own": ""},
    ),
}
