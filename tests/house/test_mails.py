"""Every mail: three files, both languages, nothing that a mail program would not show."""

import ast
import re
from datetime import UTC, datetime
from itertools import combinations

import pytest
from django.conf import settings

from nichandle.config import reference
from nichandle.platform.kernel.languages import known
from nichandle.platform.outbox import rendering
from nichandle.platform.outbox.models import Mail
from tests.house.tree import called, product, templates

ENDINGS = (".subject.txt", ".txt", ".html")
OFFERED = [code for code, _name in settings.LANGUAGES]
STEMS = reference.mails()
NAME = re.compile(r"[{(\s=|:]([a-z_]+)\b")
MOMENT = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
LEFT_OVER = re.compile(r"{{|{%|%}|}}|%\([a-z_]+\)|\bNone\b|&amp;amp;|&lt;")


def names_in(stem: str) -> set[str]:
    found = set()
    for ending in ENDINGS:
        source = reference.mail_file(stem, ending).read_text("utf-8")
        for tag in re.findall(r"{{.*?}}|{%.*?%}", source):
            found |= set(NAME.findall(re.sub(r"\"[^\"]*\"", "", tag)))
    return found


def sample(name: str) -> object:
    if name == "at" or name.endswith("_at"):
        return MOMENT.isoformat() if name != "at" else MOMENT
    if name.endswith("_for"):
        return 86400
    if name == "failures":
        return 4
    if name.endswith("s") and not name.endswith(("address", "details")):
        return [f"{name} one", f"{name} two"]
    return {"code": "BCDF-GHJK", "handle": "dm429850-OVH", "secret": "s3cret", "number": "1"}.get(
        name, f"some {name}"
    )


def rendered(stem: str, language: str) -> rendering.Rendered:
    context = {name: sample(name) for name in names_in(stem) if name not in {"at", "handle"}}
    mail = Mail(
        template=stem,
        recipient="diane@example.org",
        language=language,
        handle="dm429850-OVH",
        context=context,
        secret_names=[],
        origin_ip="203.0.113.7",
        origin_browser="Firefox 145, Linux",
        created_at=MOMENT,
    )
    return rendering.rendered(mail)


def test_there_are_mails_and_each_has_its_three_files():
    found = {
        str(path).split("/templates/", 1)[1].removesuffix(ending)
        for path in templates(mails=True)
        for ending in ENDINGS
        if str(path).endswith(ending)
        and not (ending == ".txt" and str(path).endswith(".subject.txt"))
    }
    stems = {stem for stem in found if not stem.startswith("ui/")}  # pieces of all mails

    assert stems
    for stem in stems:
        for ending in ENDINGS:
            assert reference.mail_file(stem, ending).is_file(), f"{stem}{ending}"
    assert stems == set(STEMS)


def test_every_mail_that_is_sent_exists_and_every_mail_is_sent():
    code = "\n".join(module.text for module in product())
    sent = set(re.findall(r"[\"']([a-z]+/mail/[a-z_]+)[\"']", code))

    assert sent
    assert sent - set(STEMS) == set()
    assert set(STEMS) - sent == set()


def test_only_the_letterhead_writes_to_an_account():
    """Language, identifier and time zone are its affair; others write to who has no account."""
    found = {
        module.name
        for module in product()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and called(node) in {"enqueue", "draft", "Mail"}
        # Unpacked arguments are as good a way to pass one.
        if {None, "account_id"} & {each.arg for each in node.keywords}
    }

    outbox = "nichandle.platform.outbox.operations"
    assert found == {outbox, "nichandle.identity.accounts.letterhead"}


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize("language", known())
def test_it_can_be_read_as_text_and_as_html(stem, language):
    mail = rendered(stem, language)

    assert "\n" not in mail.subject
    assert mail.subject.startswith("[dm429850-OVH] ")
    assert 15 < len(mail.subject) < 120
    for part in (mail.text, mail.html):
        assert not LEFT_OVER.search(part), LEFT_OVER.search(part)
        assert len(part) > 100
    assert not re.search(r"<[a-z]+[ >]|&#?\w+;", mail.text), "markup in the text"


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize(("one", "other"), list(combinations(OFFERED, 2)))
def test_two_languages_say_it_in_their_own_words(stem, one, other):
    first, second = rendered(stem, one), rendered(stem, other)

    assert first.subject != second.subject
    assert first.text != second.text
    assert not set(paragraphs(first.text)) & set(paragraphs(second.text))


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs that speak: not an address, a code or a date alone."""
    return [
        part for part in re.split(r"\n\s*\n", text) if len(re.findall(r"[^\W\d_]{3,}", part)) > 5
    ]


@pytest.mark.parametrize("stem", STEMS)
def test_a_mail_runs_nothing_and_fetches_nothing(stem):
    html = rendered(stem, "en").html

    assert "lang=" in html
    assert not re.search(
        r"<script|<iframe|<form|<link|javascript:|\son[a-z]+=", html, re.IGNORECASE
    )
    assert not re.search(r"(?:src|background)\s*=\s*[\"']?https?:|url\(\s*[\"']?https?:", html)
    assert len(html.encode()) < 100_000, "Gmail cuts longer ones"


@pytest.mark.parametrize("stem", STEMS)
def test_a_mail_says_to_which_account_it_belongs(stem):
    mail = rendered(stem, "en")

    assert "dm429850-OVH" in mail.text
    assert "dm429850-OVH" in mail.html


@pytest.mark.parametrize("stem", STEMS)
def test_the_password_is_never_in_a_mail(stem):
    assert not {"password", "new_password", "secret_password"} & names_in(stem)
