"""The ways in that are documented are those there are."""

import ast
import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from tests.house.tree import PACKAGE, ROOT

TABLE = (ROOT / "docs" / "algorithms" / "second-step.md").read_text("utf-8")
ROW = re.compile(r"^\| `(/[^`]*)` \|", re.MULTILINE)
OPENS = "carry"
"""What puts the key of a new session into a browser."""


def pages(found: list, before: str = "/") -> Iterator[tuple[str, object]]:
    for one in found:
        place = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from pages(one.url_patterns, place)
        elif isinstance(one, URLPattern):
            yield re.sub(r"<[^>]*>", "…", place), one.callback


def calls(source: str) -> dict[str, set[str]]:
    """Return what each function of a module names."""
    return {
        node.name: {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
    }


def reaches(name: str, named: dict[str, set[str]], seen: frozenset[str] = frozenset()) -> bool:
    if name == OPENS:
        return True
    inner = named.get(name, set()) - seen
    return any(reaches(one, named, seen | {name, *inner}) for one in inner if one != name)


def ways_in() -> set[str]:
    found = set()
    for place, view in pages(get_resolver().url_patterns):
        path = ROOT / f"{view.__module__.replace('.', '/')}.py"
        if path.exists() and reaches(view.__name__, calls(path.read_text("utf-8"))):
            found.add(place)
    return found


def test_every_way_in_is_documented():
    assert set(ROW.findall(TABLE)) == ways_in()


def test_a_page_that_opens_a_session_by_another_function_is_found():
    named = calls("def page(request):\n    return _in(request)\ndef _in(r):\n    carry(r)\n")

    assert reaches("page", named)
    assert not reaches("page", calls("def page(request):\n    return drop(request)\n"))


def test_sessions_are_put_into_browsers_by_nothing_else():
    """The cookie of a session is set where `carry` and a renewed session's key are."""
    writing = re.compile(r"set_cookie\(\s*settings\.SESSION_COOKIE_NAME")
    written = [
        str(path.relative_to(ROOT))
        for path in PACKAGE.rglob("*.py")
        if writing.search(path.read_text("utf-8"))
    ]

    assert written == ["nichandle/identity/signin/sessions/http.py"]
