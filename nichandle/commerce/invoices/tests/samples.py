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
    "invoices/mail/copy_asked": ({"handle": "", "asker": IDENTIFIER, "secret": "secret"},),
    "invoices/mail/copy_told": ({"handle": IDENTIFIER, "address": "compta@cabinet.example"},),
    "invoices/mail/copy": tuple(
        {key: each[key] for key in each.keys() - {"own"}} | {"secret": "secret", "stop": "7-abc"}
        for each in (
            _INVOICE,
            _INVOICE | {"due": "31 December 2026"},
            _INVOICE | {"number": "A2026-000007", "kind": "credit_note"},
        )
    ),
}
