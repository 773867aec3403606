"""What the mails of this room say: each case that a template tells apart."""

from datetime import UTC, datetime

from tests.support.samples import IDENTIFIER, Samples

MOMENT = datetime(2026, 12, 1, 14, 5, tzinfo=UTC).isoformat()
_ORDER = {"handle": IDENTIFIER, "number": "C48291093"}
_SUMS = {"net": "€35.00", "tax": "€7.00", "gross": "€42.00"}
_LINES = [
    {"label": "Hosting Start", "name": "mercier.example", "months": 12, "net": "€35.00"},
    {"label": "An hour of advice", "name": "An hour of advice", "months": 0, "net": "€90.00"},
]
_PLACED = _ORDER | _SUMS | {"lines": _LINES, "due_at": MOMENT, "terms": ["General terms (2026-01)"]}
_WITHDRAWN = _ORDER | {
    "declared_at": MOMENT,
    "effective_at": MOMENT,
    "names": ["mercier.example", "courrier.mercier.example"],
    "name": "",
}

SAMPLES: Samples = {
    "orders/mail/placed": (
        _PLACED | {"consumer": True, "free": False},
        _PLACED | {"consumer": False, "free": True, "terms": []},
    ),
    "orders/mail/paid": (_ORDER | {"gross": "€42.00"},),
    "orders/mail/delivered": tuple(
        _ORDER
        | {"names": ["mercier.example", "courrier.mercier.example"], "withdrawable_until_at": at}
        for at in (MOMENT, None)
    ),
    "orders/mail/cancelled": tuple(
        _ORDER | {"reason": reason, "paid": paid}
        for reason, paid in (
            ("customer", False),
            ("expired", False),
            ("taken", True),
            ("changed", True),
            ("withdrawn", True),
            ("operator", True),
        )
    ),
    "orders/mail/taken_back": (_ORDER | {"amount": "€42.00"},),
    "orders/mail/paid_back": (_ORDER | {"amount": "€42.00"},),
    "orders/mail/withdrawn": (
        _WITHDRAWN | {"signed_in": True, "done": True, "name": "Diane Mercier"},
        _WITHDRAWN | {"signed_in": True, "done": False, "name": "Diane Mercier"},
        _WITHDRAWN | {"signed_in": True, "done": False, "held": True, "name": "Diane Mercier"},
        _WITHDRAWN | {"signed_in": False, "done": False, "held": True},
        _WITHDRAWN | {"signed_in": False, "done": False, "contest": "secret"},
    ),
    "orders/mail/contested": (_ORDER,),
}
