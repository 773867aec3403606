"""The scripts of our pages: they write text as text, keep nothing, and hear nobody else."""

import re

import pytest

from tests.house.tree import PACKAGE, templates

SCRIPTS = sorted(PACKAGE.rglob("static/**/*.js"))
FORBIDDEN = {
    "text that becomes a page": re.compile(
        r"\.(?:innerHTML|outerHTML|srcdoc)\b|insertAdjacentHTML|document\.write|createContextualFragment"
        r"|DOMParser|setHTMLUnsafe"
    ),
    "text that becomes a script": re.compile(
        r"\beval\s*\(|\bFunction\s*\(|set(?:Timeout|Interval)\s*\(\s*[\"'`]|javascript:|\bimport\s*\("
    ),
    "a place that keeps": re.compile(
        r"\b(?:localStorage|sessionStorage|indexedDB|caches|cookieStore)\b|document\.cookie"
        r"|serviceWorker|openDatabase"
    ),
    # A channel is heard by pages of our own origin alone; that of leaving is the one there is.
    "word from other windows": re.compile(
        r"(?<!leaving\.)addEventListener\s*\(\s*[\"'`]message|\bonmessage\b|window\.(?:opener|name)\b"
        r"|(?<!leaving)\.postMessage|BroadcastChannel\((?!\"leaving\"\))|MessageChannel|SharedWorker"
    ),
    "another address": re.compile(r"https?:|[\"'`]//|WebSocket|EventSource|RTCPeer|\bcallback="),
    "names that somebody else chooses": re.compile(
        r"__proto__|Object\.assign\s*\(\s*\{\}|\.prototype\b|for\s*\(\s*(?:const|let|var)\s+\w+\s+in\b"
    ),
    "names that belong to the page": re.compile(
        r"\bwindow\.\w+\s*=[^=]|\bdocument\.\w+\s*=[^=]|\bvar\s"
    ),
}
OLD = re.compile(r"<(?:object|embed|applet|param|frame|frameset|marquee)\b", re.IGNORECASE)


def breaks(text: str) -> list[str]:
    return [name for name, pattern in FORBIDDEN.items() if pattern.search(text)]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_does_none_of_it(path):
    assert not breaks(path.read_text("utf-8"))


def test_there_are_scripts_to_look_at():
    assert len(SCRIPTS) >= 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("text that becomes a page", "box.innerHTML = found.words;"),
        ("text that becomes a script", "setTimeout('go()', 1);"),
        ("text that becomes a script", "await import(address);"),
        ("a place that keeps", "localStorage.setItem('draft', field.value);"),
        ("a place that keeps", "document.cookie = 'a=b';"),
        ("word from other windows", "addEventListener('message', take);"),
        ("word from other windows", "window.addEventListener('message', take);"),
        ("word from other windows", "parent.postMessage(found, '*');"),
        ("word from other windows", 'new BroadcastChannel("others")'),
        ("another address", "fetch('https://cdn.example/x.json');"),
        ("names that somebody else chooses", "for (const name in given) kept[name] = given[name];"),
        ("names that belong to the page", "window.account = found;"),
    ],
)
def test_a_break_is_noticed(name, text):
    assert name in breaks(text)


@pytest.mark.parametrize("mails", [False, True])
def test_no_page_and_no_mail_asks_for_what_browsers_have_given_up(mails):
    assert not [path for path in templates(mails=mails) if OLD.search(path.read_text("utf-8"))]
