"""Every mail: three files, both languages, nothing that a mail program would not show."""

import ast
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import combinations

import pytest
from django.conf import settings
from django.template import Context, VariableDoesNotExist, engines
from django.template.defaulttags import IfNode, TemplateLiteral
from django.template.loader import get_template

from nichandle.config import reference
from nichandle.platform.kernel.wording.languages import known
from nichandle.platform.outbox import rendering
from nichandle.platform.outbox.models import Mail
from tests.house.tree import called, product, templates
from tests.support.samples import ADDRESS, PLAIN, all_samples, own_samples

ENDINGS = (".subject.txt", ".txt", ".html")
OFFERED = [code for code, _name in settings.LANGUAGES]
STEMS = reference.mails()
MOMENT = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
LEFT_OVER = re.compile(r"LACKING|{{|{%|%}|}}|%\([a-z_]+\)|\bNone\b|&amp;amp;|&lt;")


CASES = [
    pytest.param(stem, sample, id=f"{stem}-{number}")
    for stem, samples in all_samples().items()
    for number, sample in enumerate(samples, 1)
]
NOBODY_ASKED = {"origin_ip": None, "origin_browser": ""}


def rendered(
    stem: str, language: str, sample: Mapping[str, object] | None = None, **changed: object
) -> rendering.Rendered:
    """Render a mail as its first sample says, or another."""
    told = dict(all_samples()[stem][0] if sample is None else sample)
    mail = Mail(
        template=stem,
        recipient=ADDRESS,
        language=language,
        handle=told.pop("handle"),
        context=told,
        secret_names=[],
        created_at=MOMENT,
        **({"origin_ip": "203.0.113.7", "origin_browser": "Firefox 145, Linux"} | changed),
    )
    return rendering.rendered(mail)


@pytest.fixture
def strict(monkeypatch):
    """Have the templates show every name that no sample gives."""
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "LACKING(%s)")


@pytest.fixture
def taken(monkeypatch) -> set[tuple[IfNode, int | None]]:
    """Note which branch of each condition is taken: its number, None where none is."""
    noted: set[tuple[IfNode, int | None]] = set()

    def render(self: IfNode, context: Context) -> str:
        for number, (condition, nodes) in enumerate(self.conditions_nodelists):
            if condition is None or _holds(condition, context):
                noted.add((self, number))
                return nodes.render(context)
        noted.add((self, None))
        return ""

    monkeypatch.setattr(IfNode, "render", render)
    return noted


def _holds(condition: TemplateLiteral, context: Context) -> bool:
    try:
        return bool(condition.eval(context))
    except VariableDoesNotExist:
        return False


def branches(stem: str) -> Iterator[tuple[IfNode, int | None, str]]:
    """Every branch of a mail's own templates, the one that is not written among them."""
    for ending in ENDINGS:
        template = get_template(f"{stem}{ending}").template
        for node in template.nodelist.get_nodes_by_type(IfNode):
            conditions = [str(condition) for condition, _nodes in node.conditions_nodelists]
            if conditions[-1] != "None":
                yield node, None, f"{ending}: none of {conditions}"
            for number, condition in enumerate(conditions):
                yield node, number, f"{ending}: {condition}"


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
        if isinstance(node, ast.Call)
        and called(node) in {"enqueue", "draft", "Mail"}
        # Invoices are drafted too.
        and not any(each.arg == "document" for each in node.keywords)
        # Unpacked arguments are as good a way to pass one.
        if {None, "account_id"} & {each.arg for each in node.keywords}
    }

    outbox = "nichandle.platform.outbox.operations"
    assert found == {outbox, "nichandle.identity.accounts.letterhead"}


def test_samples_are_of_mails_and_differ_from_those_of_a_plain_one():
    assert set(own_samples()) <= set(STEMS)
    assert not [stem for stem, samples in own_samples().items() if samples == PLAIN]


@pytest.mark.parametrize("stem", STEMS)
def test_the_samples_reach_every_branch(stem, taken):
    for sample in all_samples()[stem]:
        rendered(stem, "en", sample)

    assert not [words for node, number, words in branches(stem) if (node, number) not in taken]


def test_a_branch_that_no_sample_reaches_is_noticed(taken):
    rendered("cases/mail/opened", "en")
    missed = [words for *one, words in branches("cases/mail/opened") if tuple(one) not in taken]

    assert any("can_confirm" in words for words in missed)


@pytest.mark.parametrize(("stem", "sample"), CASES)
@pytest.mark.parametrize("language", known())
def test_it_can_be_read_as_text_and_as_html(stem, sample, language, strict):
    for origin in ({}, NOBODY_ASKED):
        mail = rendered(stem, language, sample, **origin)

        assert "\n" not in mail.subject
        assert mail.subject.startswith("[dm429850-OVH] " if sample["handle"] else "")
        assert 15 - 14 * (not sample["handle"]) < len(mail.subject) < 120
        for part in (mail.subject, mail.text, mail.html):
            assert not LEFT_OVER.search(part), LEFT_OVER.search(part)
        assert min(len(mail.text), len(mail.html)) > 100
        assert not re.search(r"<[a-z]+[ >]|&#?\w+;", mail.text), "markup in the text"


def test_a_name_that_no_sample_gives_is_noticed(strict):
    assert LEFT_OVER.search(rendered("signup/mail/code", "en", {"handle": "", "code": "X"}).text)


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


@pytest.mark.parametrize(("stem", "sample"), CASES)
def test_a_mail_runs_nothing_and_fetches_nothing(stem, sample):
    html = rendered(stem, "en", sample).html

    assert "lang=" in html
    assert not re.search(
        r"<script|<iframe|<form|<link|javascript:|\son[a-z]+=", html, re.IGNORECASE
    )
    assert not re.search(r"(?:src|background)\s*=\s*[\"']?https?:|url\(\s*[\"']?https?:", html)
    assert len(html.encode()) < 100_000, "Gmail cuts longer ones"


@pytest.mark.parametrize(("stem", "sample"), CASES)
def test_a_mail_says_to_which_account_it_belongs(stem, sample):
    """One that belongs to none names no other: who asked may not be who reads it."""
    mail = rendered(stem, "en", {**sample, "handle": sample["handle"] and "zz999999-OVH"})

    for part in (mail.text, mail.html):
        assert ("zz999999-OVH" in part) == bool(sample["handle"])


@pytest.mark.parametrize("stem", STEMS)
def test_the_password_is_never_in_a_mail(stem):
    names = {name for sample in all_samples()[stem] for name in sample}
    assert not {"password", "new_password", "secret_password"} & names
