"""
The frame of every page: what a head says, menu, languages, who is there, footer.

It is nearly the same on all pages, and drawing it anew was most of what a small page costs. So each
part is drawn once and kept. ``PARTS`` says what a part is told: what it differs by, under which it
is kept, and what is filled in for each request, for which a mark stands in what is kept. It is
told nothing else, so nothing of an account, a visitor or a request can be kept for another.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the frame: the names it differs by, and those that are filled in each time."""

    differs: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()


PARTS = {
    "head": Part(),
    "top": Part(("signed_in", "logo", "brand", "menu", "fold", "entry_here", "exact")),
    "up": Part(("up", "up_label")),
    "languages": Part(("languages",), ("csrf_token", "here")),
    "who": Part(
        ("signed_in", "opened", "menu", "entry_here", "exact"),
        ("csrf_token", "short_name", "handle_drawn"),
    ),
    "foot": Part(("brand", "support_url", "demo")),
}
"""None may differ by what a visitor writes, which has no end; all differ by the language."""
KEPT = 1024
"""Drawn parts in a process; languages times entries of the menu are far fewer."""
# Private use: no word of the product has these, and what a visitor writes is not searched for them.
_MARK = re.compile("\ue000([a-z_]+)\ue001")


def drawn(name: str, context: Context) -> SafeString:
    """Return a part of the frame for one request."""
    framed = context["framed"]
    told = tuple((one, framed[one]) for one in ("language", *PARTS[name].differs))
    # Text at even places, at odd ones the name of what is filled in.
    pieces = list(_kept(name, told))
    for place in range(1, len(pieces), 2):
        filled = pieces[place]
        value = context["csrf_token"] if filled == "csrf_token" else framed[filled]
        pieces[place] = conditional_escape(value)
    return mark_safe("".join(pieces))  # noqa: S308 - a template's, and what was escaped


@lru_cache(maxsize=KEPT)
def _kept(name: str, told: tuple[tuple[str, Any], ...]) -> tuple[str, ...]:
    marks = {one: f"\ue000{one}\ue001" for one in PARTS[name].filled}
    text = render_to_string(f"ui/frame/{name}.html", {**dict(told), **marks})
    return tuple(_MARK.split(text.strip()))
