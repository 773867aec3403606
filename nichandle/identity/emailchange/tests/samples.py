"""What the mails of this room say: each case that a template tells apart."""

from tests.support.samples import ADDRESS, CODE, IDENTIFIER, LATER, SECRET, Samples

_CHANGE = {
    "handle": IDENTIFIER,
    "old_address": ADDRESS,
    "new_address": "diane@new.example",
    "by_code": False,
}
_VETO, _NOT_ME = {"veto": SECRET}, {"not_me": SECRET}
_PAUSED = _CHANGE | {"paused_until_at": LATER}

SAMPLES: Samples = {
    "emailchange/mail/changed": (
        _CHANGE | {"silent_for": 86400.0, "undo": SECRET, "not_me": SECRET},
        _CHANGE | {"by_code": True, "silent_for": 86400.0},
    ),
    "emailchange/mail/code": tuple(
        _CHANGE | {"code": CODE, "not_before_at": LATER} | more
        for more in (_VETO | {"proven": False}, {"proven": True})
    ),
    "emailchange/mail/contested": (_PAUSED | _NOT_ME, _PAUSED),
    "emailchange/mail/ended": (
        _CHANGE | {"state": "refused"},
        *(
            _CHANGE | {"state": "lapsed", "why": why}
            for why in ("frozen", "closed", "held", "unproven", "mail", "")
        ),
    ),
    "emailchange/mail/frozen": tuple(
        _CHANGE | {"open_until_at": LATER} | veto for veto in (_VETO, {})
    ),
    "emailchange/mail/proof": tuple(
        {"handle": "", "secret": SECRET, "reminder": reminder, "code": code}
        for reminder, code in ((False, CODE), (True, CODE), (False, ""))
    ),
    "emailchange/mail/proven": (_CHANGE | _VETO, _CHANGE),
    "emailchange/mail/reminder": (
        _CHANGE | _VETO | {"proven": True},
        _CHANGE | {"proven": False},
    ),
    "emailchange/mail/taken": ({"handle": IDENTIFIER},),
    "emailchange/mail/undo_code": (_CHANGE | {"code": CODE},),
    "emailchange/mail/undone": (_PAUSED | _NOT_ME, _PAUSED),
    "emailchange/mail/warning": (
        _CHANGE | _VETO | {"proven": False},
        _CHANGE | {"proven": True},
    ),
}
