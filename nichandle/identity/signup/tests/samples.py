"""What the mails of this room say: each case that a template tells apart."""

from tests.support.samples import ADDRESS, CODE, IDENTIFIER, Samples

SAMPLES: Samples = {
    "signup/mail/code": ({"handle": "", "minutes": 15, "code": CODE},),
    "signup/mail/known_address": ({"handle": IDENTIFIER}, {"handle": ""}),
    "signup/mail/welcome": ({"handle": IDENTIFIER, "name": "Diane", "address": ADDRESS},),
}
