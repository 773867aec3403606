"""What the mails of this room say: each case that a template tells apart."""

from tests.support.samples import IDENTIFIER, Samples

_SERVICE = {"handle": IDENTIFIER, "service": "mercier.example", "number": "7"}

SAMPLES: Samples = {
    "services/mail/state": tuple(
        _SERVICE | {"state": state} for state in ("active", "suspended", "terminated", "creating")
    ),
}
