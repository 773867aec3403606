"""What the mails of this room say: each case that a template tells apart."""

from tests.support.samples import Samples

_KEY = {"handle": "", "name": "Grey key"}

SAMPLES: Samples = {
    "review/mail/key_added": (_KEY,),
    "review/mail/key_copied": (_KEY,),
    "review/mail/key_removed": (_KEY,),
    "review/mail/set_up": (_KEY, _KEY | {"name": ""}),
}
