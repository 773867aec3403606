"""What the mails of this room say: each case that a template tells apart."""

from tests.support.samples import CODE, IDENTIFIER, Samples

SAMPLES: Samples = {"pauses/mail/code": ({"handle": IDENTIFIER, "code": CODE},)}
