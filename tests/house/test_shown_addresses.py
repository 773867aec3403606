"""Every page that shows an address shows one that misleads with what it is."""

import re

from tests.house.tree import templates

NAMES = r"(?:[a-z_]+\.)+(?:old_address|new_address|address|email|recipient|named|who)"
BARE = re.compile(rf"\{{\{{ ({NAMES}) (?:\}}\}}|\|(?!address|hinted))|\b\w+=({NAMES})(?=[ %])")
INCLUDED = re.compile(r'{% include "ui/undelivered.html" [^%]*%}')


def bare() -> set[tuple[str, str]]:
    found = set()
    for path in templates(mails=False):
        # That piece shows what it is given through the filter.
        written = INCLUDED.sub("", path.read_text("utf-8"))
        name = str(path).split("/templates/", 1)[1]
        found |= {(name, match[1] or match[2]) for match in BARE.finditer(written)}
    return found


def test_no_page_shows_an_address_bare():
    assert bare() == set()


def test_a_bare_address_is_noticed():
    for text in ("{{ account.email }}", "{% blocktranslate with address=change.new_address %}"):
        assert BARE.search(text)
    for text in ("{{ account.email|address }}", "with address=one.address|hinted %}"):
        assert not BARE.search(text)
