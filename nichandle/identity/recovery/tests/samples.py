"""What the mails of this room say: each case that a template tells apart."""

from tests.support.samples import ADDRESS, IDENTIFIER, SECRET, Samples

_LINK = {"handle": IDENTIFIER, "secret": SECRET}

SAMPLES: Samples = {
    "recovery/mail/given_back": (_LINK,),
    "recovery/mail/identifiers": ({"handle": "", "handles": [IDENTIFIER, "bm731927-OVH"]},),
    "recovery/mail/reset_by_recovery": (_LINK | {"addresses": [ADDRESS, "d@example.net"]},),
    "recovery/mail/reset_link": (_LINK,),
    "recovery/mail/secured": ({"handle": IDENTIFIER, "number": "D-7K3M-92QF"},),
}
