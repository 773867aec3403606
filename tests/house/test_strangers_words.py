"""
Nothing that a stranger chose stands in a mail to somebody else.

Every name that a mail is told of is judged here: it is ours, or somebody chose it. What somebody
chose is put in with a link, with markup, with line breaks and with signs that turn the direction.
"""

import re
from email import message_from_bytes
from email.policy import default

import pytest

from nichandle.platform.kernel.wording.languages import known
from nichandle.platform.kernel.wording.text import unlinked
from nichandle.platform.outbox import rendering
from nichandle.platform.outbox.models import Mail
from tests.house.test_mails import CASES, MOMENT, STEMS, rendered
from tests.support.samples import all_samples

SECRETS = {"code", "contest", "dispute", "not_me", "notice", "secret", "stop", "undo", "veto"}
OURS = SECRETS | set(
    {
        "amount": "an amount of money",
        "asker": "an identifier",
        "before": "an identifier",
        "by": "the name of a colleague, as the operator or an administrator has written it",
        "by_code": "yes or no",
        "can_confirm": "yes or no",
        "consumer": "yes or no",
        "customer": "an identifier",
        "declared_at": "a moment",
        "done": "yes or no",
        "due": "a day",
        "due_at": "a moment",
        "effective_at": "a moment",
        "expires": "a month",
        "factors": "yes or no",
        "failures": "a number",
        "fields": "the labels of a form",
        "free": "yes or no",
        "given_back": "yes or no",
        "gross": "an amount of money",
        "handle": "an identifier",
        "handles": "identifiers",
        "held": "yes or no",
        "item": "a word of the list of papers",
        "items": "the list of papers",
        "kind": "a word of a list",
        "last": "yes or no",
        "left": "a number, or names of services",
        "minutes": "a number",
        "more": "a number",
        "net": "an amount of money",
        "new": "an identifier",
        "new_browser": "yes or no",
        "new_network": "yes or no",
        "not_before_at": "a moment",
        "number": "a number",
        "old": "an identifier",
        "own": "yes or no",
        "open_until_at": "a moment",
        "others": "a number",
        "paid": "yes or no",
        "paused_until_at": "a moment",
        "proven": "yes or no",
        "reason": "a word of a list",
        "reasons": "words of a list",
        "reminder": "yes or no",
        "roles": "words of a list",
        "signed_in": "yes or no",
        "silent_for": "a length of time",
        "state": "a word of a list",
        "tax": "an amount of money",
        "terms": "titles of the operator's own terms",
        "there": "yes or no",
        "unnamed": "a number",
        "which": "a number",
        "why": "a word of a list",
        "withdrawable_until_at": "a moment",
    }
)
"""What no person words. ``left`` is judged as ``services`` where it names some."""
CHOSEN = {
    "address": "which address an act is about is what its notice is for",
    "addresses": "the account's own",
    "lines": "what the account has ordered, named by itself",
    "names": "services of the account, named by itself",
    "named": "goes to whoever typed it",
    "new_address": "which address is asked for is what the mail is for; the reader must see it",
    "old_address": "the reader's own, or the one before",
    "remark": "written by a reviewer",
    "service": "goes to its owner; the name was sold by the operator",
    "services": "a role is handed over on services that must be named; the operator sold the names",
    "subject": "the customer's own words, mailed to nobody else",
    "words": "written by a reviewer, or by customer service in its answer",
}
"""What somebody chose and a mail says all the same, each with its reason."""
TAMED = {"name"}
"""What somebody chose, of which nothing becomes a link."""
BY_WHO_IS_SIGNED_IN = {"accounts", "contacts", "emailchange", "invoices", "signin"}
"""Rooms whose mails may say an address: only who is signed in to an account names it there."""
THEIR_OWN = {
    ("recovery/mail/reset_by_recovery", "addresses"),
    ("signup/mail/welcome", "address"),
}
"""In other rooms: addresses that the account has, proven by who reads the mail."""
ADDRESSES = {"address", "addresses", "named", "new_address", "old_address"}
SAYS_NONE = {
    ("emailchange/mail/proof", "new_address"),
    ("emailchange/mail/proof", "old_address"),
    ("emailchange/mail/undone", "new_address"),
}
"""Mails that are told of an address and do not say it."""
LINK, MARKUP = "http://evil.example/win", '<a href="//evil.example">win</a>'
LINES, TURNED = "win\r\nBcc: victim@example.org\r\n\r\n", "\u202ewin\u2066"
EVIL = re.compile(r"evil\.example|victim@example", re.IGNORECASE)
AGENTS = [LINK, MARKUP, LINES, TURNED, "evil.example/1.0", "Firefox 145, evil.example"]


def with_value(sample, name, value):
    present = sample[name]
    return {**sample, name: [value] if isinstance(present, list) else value}


def every_part(mail: rendering.Rendered) -> str:
    return "\n".join((mail.subject, mail.text, mail.html))


CHOICES = [
    pytest.param(stem, sample, name, id=f"{stem}-{number}-{name}")
    for stem, samples in all_samples().items()
    for number, sample in enumerate(samples, 1)
    for name in sorted(sample.keys() & (CHOSEN.keys() | TAMED))
]


def test_every_name_is_judged():
    names = {name for samples in all_samples().values() for each in samples for name in each}

    assert names - OURS - CHOSEN.keys() - TAMED == set(), "who chose it? say so in this file"
    assert (CHOSEN.keys() | TAMED) - names == set(), "no mail is told of this any more"


@pytest.mark.parametrize(("stem", "sample"), CASES)
@pytest.mark.parametrize("agent", AGENTS)
def test_what_a_browser_says_of_itself_stands_in_no_mail(stem, sample, agent):
    mail = rendered(stem, "en", sample, origin_browser=agent)

    assert not EVIL.search(every_part(mail))
    assert '<a href="//' not in every_part(mail)
    assert "\u202e" not in every_part(mail)
    assert "an unknown browser" in mail.text or "203.0.113.7" not in mail.text


@pytest.mark.parametrize(("stem", "sample", "name"), CHOICES)
@pytest.mark.parametrize("language", known())
def test_what_somebody_chose_leads_nowhere_and_breaks_nothing(stem, sample, name, language):
    for value in (LINK, MARKUP, LINES, TURNED):
        mail = rendered(stem, language, with_value(sample, name, value))

        assert "\n" not in mail.subject
        assert "\r" not in mail.subject
        assert not re.search(r"[\u202a-\u202e\u2066-\u2069]", every_part(mail))
        assert MARKUP not in mail.html
        assert 'href="//evil.example"' not in mail.html
        assert 'href="http://evil.example' not in mail.html
        if name in TAMED:
            assert not EVIL.search(every_part(mail)), name


@pytest.mark.parametrize(
    ("stem", "sample", "name"), [each for each in CHOICES if each.values[2] in ADDRESSES]
)
def test_an_address_that_misleads_is_shown_with_what_it_is(stem, sample, name):
    misleading = "x@\u0430\u0440\u0440\u04cf\u0435.com"

    mail = rendered(stem, "en", with_value(sample, name, misleading))

    for part in (mail.text, mail.html):
        beside = part.count(f"{misleading} (x@xn--80ak6aa92e.com)")
        assert beside == part.count(misleading)
        assert beside or (stem, name) in SAYS_NONE


@pytest.mark.parametrize("stem", STEMS)
def test_what_a_visitor_types_brings_no_domain_into_a_mail(stem):
    """Masked or not: of a domain somebody makes the sentence he likes."""
    if stem.partition("/")[0] in BY_WHO_IS_SIGNED_IN:
        return
    for sample in all_samples()[stem]:
        for name in sorted(sample.keys() & ADDRESSES):
            if (stem, name) in THEIR_OWN:
                continue
            for value in ("x@claim-your-500-euros.evil.example", "x***@claim.evil.example"):
                mail = rendered(stem, "en", with_value(sample, name, value))
                assert not EVIL.search(every_part(mail)), name


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize("language", known())
def test_an_ampersand_is_written_once_as_its_part_wants_it(stem, language, settings):
    settings.NICHANDLE_BRAND = "Chat & l'Ami <3"
    for sample in all_samples()[stem]:
        for name in sorted(sample.keys() & (CHOSEN.keys() | TAMED)):
            mail = rendered(stem, language, with_value(sample, name, "Chat & l'Ami"))

            assert not re.search(r"&(?:amp|lt|gt|quot|#x?\w+);", mail.subject + mail.text)
            assert not re.search(r"&amp;(?:amp|lt|gt|quot|#x?\w+);", mail.html)
            assert "& l'Ami" not in mail.html


def test_no_header_is_written_by_what_somebody_chose():
    mail = Mail(
        message_id="<1@example.org>",
        template="signin/mail/factor_added",
        recipient="diane@example.org",
        language="en",
        handle="dm429850-OVH",
        context={"name": LINES},
        created_at=MOMENT,
        origin_browser=LINES,
        origin_ip="203.0.113.7",
    )

    written = message_from_bytes(rendering.message(mail).data, policy=default)

    assert written["Bcc"] is None
    assert written.keys() == [
        "Subject",
        "From",
        "To",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "Content-Language",
        "MIME-Version",
        "Content-Type",
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Grey key", "Grey key"),
        ("Clé n° 2 (bureau)", "Clé n° 2 (bureau)"),
        ("J.R. Tolkien", "J.R. Tolkien"),
        ("Chat & l'Ami", "Chat & l'Ami"),
        ("see http://evil.example now", "see … now"),
        ("evil.example", "…"),
        ("WWW.evil.example/a", "…"),
        ("call x@evil.example", "call …"),
        ("evil。example", "…"),
        ("\u202eevil.example\u202c", "…"),
        ("a\r\nb", "a b"),
    ],
)
def test_of_a_name_nothing_becomes_a_link(name, shown):
    assert unlinked(name) == shown
