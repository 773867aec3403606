"""Templates: nothing inline that the security policy forbids, and no word without translation."""

import re

import pytest
from django.template.loader import get_template

from tests.house.tree import PACKAGE, templates

FORBIDDEN = {
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE),
    "inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "script address": re.compile(r"javascript:", re.IGNORECASE),
    "foreign address": re.compile(
        r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=[\"']?(?:https?:)?//", re.IGNORECASE
    ),
    # Who speaks to the browser says what they read (WCAG 2.2, success criterion 2.5.3), and a label
    # would stand in its place: a word more for those who listen is hidden text beside it.
    "name in place of what is read": re.compile(
        r"<(?:a|button|label|legend|option|summary)\b[^>]*\saria-label(?:ledby)?\s*="
    ),
    "unescaped value": re.compile(r"\|\s*safe\b|autoescape\s+off"),
}
# What remains of a page when everything that is translated or computed is taken away.
REMOVED = (
    re.compile(r"{%\s*comment.*?endcomment\s*%}", re.DOTALL),
    re.compile(r"{%\s*blocktranslate.*?endblocktranslate\s*%}", re.DOTALL),
    re.compile(r"{%\s*block \w*class\s*%}[^{]*{%\s*endblock"),
    re.compile(r"{#.*?#}", re.DOTALL),
    re.compile(r"{%.*?%}", re.DOTALL),
    re.compile(r"{{.*?}}", re.DOTALL),
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r"<(style|script|title|svg)\b.*?</\1>", re.DOTALL | re.IGNORECASE),
    re.compile(r"<[^>]*>", re.DOTALL),
    re.compile(r"&\w+;"),
)
SPOKEN_ATTRIBUTE = re.compile(
    r"\s(?:title|alt|placeholder|aria-label)=\"([^\"{]*[^\W\d_]{3,}[^\"{]*)\""
)
WORD = re.compile(r"[^\W\d_]{3,}")


def breaks(text: str) -> list[str]:
    return [name for name, pattern in FORBIDDEN.items() if pattern.search(text)]


def untranslated(text: str) -> list[str]:
    spoken = SPOKEN_ATTRIBUTE.findall(text)
    for pattern in REMOVED:
        text = pattern.sub(" ", text)
    return WORD.findall(text) + spoken


@pytest.mark.parametrize(
    "path", templates(mails=False), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_a_page_holds_nothing_that_the_policy_forbids(path):
    assert not breaks(path.read_text("utf-8"))


@pytest.mark.parametrize(
    "path",
    [path for path in templates(mails=False) + templates(mails=True) if path.suffix != ".svg"],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_every_word_is_translated(path):
    if path.name == "style.html":
        pytest.skip("the living style page is for the people who build the product")

    assert not untranslated(path.read_text("utf-8"))


@pytest.mark.parametrize(
    "path",
    templates(mails=False) + templates(mails=True),
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_every_template_can_be_compiled(path):
    assert get_template(str(path).split("/templates/", 1)[1])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("inline script", "<p><script>alert(1)</script>"),
        ("inline style", '<p style="color: red">'),
        ("inline style", "<style>p {}</style>"),
        ("inline handler", '<a href="#" onclick="go()">'),
        ("script address", '<a href="javascript:go()">'),
        ("foreign address", '<script src="https://cdn.example/x.js"></script>'),
        ("foreign address", "<link rel=stylesheet href=//fonts.example/x.css>"),
        ("name in place of what is read", '<summary class="x" aria-label="Language">EN</summary>'),
        ("name in place of what is read", '<a href="/" aria-labelledby="other">Home</a>'),
        ("unescaped value", "{{ name|safe }}"),
    ],
)
def test_a_break_is_noticed(name, text):
    assert name in breaks(text)


def test_what_is_allowed_is_left_alone():
    assert not breaks('<script src="{% static "x.js" %}" defer></script><p class="on style">')


def test_a_word_without_translation_is_noticed():
    assert untranslated("<p>Hello {{ name }}</p>") == ["Hello"]
    assert untranslated('<img alt="A picture">') == ["A picture"]
    assert not untranslated(
        '<p>{% translate "Hello" %} &nbsp; {{ name }} : 12 <a href="x">→</a></p>'
    )
