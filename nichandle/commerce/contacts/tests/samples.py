"""What the mails of this room say: each case that a template tells apart."""

from tests.support.samples import ADDRESS, IDENTIFIER, SECRET, Samples

_ABOUT = {
    "handle": IDENTIFIER,
    "services": ["mercier.example", "courrier.mercier.example"],
    "roles": ["Technical", "Billing"],
    "more": "",
}
_MANY = _ABOUT | {"more": "30"}
_DONE = {"old": IDENTIFIER, "new": "bm731927-OVH", "left": [], "unnamed": ""}
_SETTLED = {"number": "7K2M9", "before": IDENTIFIER, "words": "The owner said so."}

SAMPLES: Samples = {
    "contacts/mail/asked": tuple(
        about | {"asker": "bm731927-OVH", "secret": SECRET} for about in (_ABOUT, _MANY)
    ),
    "contacts/mail/confirm": (
        _ABOUT | {"named": "bm731927-OVH", "secret": SECRET, "not_me": SECRET},
        _MANY | {"named": ADDRESS, "secret": SECRET},
    ),
    "contacts/mail/disputed": tuple(about | {"number": "7K2M9"} for about in (_ABOUT, _MANY)),
    "contacts/mail/done": (
        _ABOUT | _DONE | {"dispute": SECRET},
        _MANY | _DONE | {"left": ["chorale.example"]},
        _ABOUT | _DONE | {"left": ["chorale.example", "dunes.example"], "unnamed": 3},
    ),
    "contacts/mail/ended": (
        _ABOUT | {"state": "Withdrawn", "reason": ""},
        _MANY | {"state": "Ended", "reason": "A service is gone."},
    ),
    "contacts/mail/invitation": tuple(
        about | {"handle": "", "asker": IDENTIFIER, "secret": SECRET} for about in (_ABOUT, _MANY)
    ),
    "contacts/mail/settled": (
        _ABOUT | _SETTLED | {"given_back": True},
        _MANY | _SETTLED | {"given_back": False},
    ),
}
