"""What the mails of this room say: each case that a template tells apart."""

from tests.support.samples import IDENTIFIER, Samples

_CARD = {"handle": IDENTIFIER, "name": "Visa •••• 4242", "expires": "08/2029"}

SAMPLES: Samples = {
    f"payments/mail/means_{change}": (_CARD, _CARD | {"not_me": "secret"})
    for change in ("added", "removed", "preferred")
}
