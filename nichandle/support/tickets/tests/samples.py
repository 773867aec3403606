"""What the mails of this room say: each case that a template tells apart."""

from tests.support.samples import IDENTIFIER, Samples

_TICKET = {
    "handle": IDENTIFIER,
    "number": "T48291093",
    "subject": "Mails to one address come back",
}
_WORDS = {"words": "Its mailbox was full.\nIt is larger now: nothing comes back any more."}

SAMPLES: Samples = {
    "tickets/mail/opened": (_TICKET,),
    "tickets/mail/answered": (
        _TICKET | _WORDS | {"done": False},
        _TICKET | _WORDS | {"done": True},
    ),
    "tickets/mail/closed": (_TICKET,),
}
