"""What the mails of this room say: each case that a template tells apart."""

from tests.support.samples import SECRET, Samples

SAMPLES: Samples = {
    "staff/mail/invited": ({"handle": "", "by": "Ines", "secret": SECRET},),
}
