"""What the mails of this room say: each case that a template tells apart."""

from tests.support.samples import CODE, IDENTIFIER, SECRET, Samples

_CLAIM = {"handle": "", "number": "7K2M9"}
_CASE = _CLAIM | {
    "handle": IDENTIFIER,
    "kind": "address_lost",
    "others": 0,
    "can_confirm": True,
    "factors": False,
    "remark": "",
}
_OTHER = {"kind": "both_lost", "others": 2, "can_confirm": False, "factors": True}

SAMPLES: Samples = {
    "cases/mail/approved": (_CASE | {"notice": SECRET}, _CASE | _OTHER),
    "cases/mail/claim_approved": (_CLAIM,),
    "cases/mail/claim_refused": (
        _CLAIM | {"reasons": ["Unreadable", "Outdated"], "remark": ""},
        _CLAIM | {"reasons": ["Unreadable"], "remark": "The back lacks."},
    ),
    "cases/mail/closed": (_CASE | {"remark": "It was yours."},),
    "cases/mail/code": (_CLAIM | {"minutes": 15, "code": CODE},),
    "cases/mail/effected": (_CASE,),
    "cases/mail/link": (_CLAIM | {"secret": SECRET},),
    "cases/mail/opened": (_CASE | {"notice": SECRET}, _CASE | _OTHER),
    "cases/mail/paper_refused": (
        _CLAIM | {"item": "Proof of address", "why": "This file cannot be opened."},
    ),
    "cases/mail/papers_wanted": (_CLAIM | {"items": ["Proof of identity", "Proof of address"]},),
    "cases/mail/received": (_CLAIM | {"secret": SECRET},),
    "cases/mail/refused": (_CASE,),
}
