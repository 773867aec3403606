"""What the mails of this room say: each case that a template tells apart."""

from tests.support.samples import ADDRESS, CODE, IDENTIFIER, SECRET, Samples

_RECOVERY = {"handle": IDENTIFIER, "address": ADDRESS}

SAMPLES: Samples = {
    "accounts/mail/details_changed": (
        {"handle": IDENTIFIER, "fields": ["Family name", "Telephone"], "not_me": SECRET},
        {"handle": IDENTIFIER, "fields": ["City"]},
    ),
    "accounts/mail/recovery_code": (
        {"handle": "", "code": CODE, "which": ""},
        {"handle": "", "code": CODE, "which": 7},
    ),
    "accounts/mail/recovery_proven": (_RECOVERY | {"undo": SECRET}, _RECOVERY),
    "accounts/mail/recovery_removed": (_RECOVERY | {"undo": SECRET}, _RECOVERY),
    "accounts/mail/recovery_undone": (_RECOVERY | {"there": True}, _RECOVERY | {"there": False}),
}
