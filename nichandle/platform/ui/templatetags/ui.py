"""The components, as template tags."""

from datetime import datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.template import Context, Node, NodeList
from django.template.base import FilterExpression, Parser, Token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.money import Money
from nichandle.platform.kernel.wording import browsers, durations, figures, languages, moments
from nichandle.platform.ui.templatetags import frames

register = template.Library()

ICONS = Path(__file__).resolve().parent.parent / "icons"
BANNER_ICONS = {
    "good": "circle-check",
    "attention": "alert-triangle",
    "danger": "alert-circle",
    "information": "info-circle",
}
STEPS = (
    gettext_lazy("E-mail"),
    gettext_lazy("Code"),
    gettext_lazy("Details"),
    gettext_lazy("Identifier"),
)
DIGIT_GROUP = 3


@cache
def _icon(name: str) -> SafeString:
    # These are files of the package, not input.
    return mark_safe((ICONS / f"{name}.svg").read_text(encoding="utf-8").strip())  # noqa: S308 - ours


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon beside its word; readers of the screen pass over it."""
    return _icon(name)


@register.simple_tag
@lru_cache(maxsize=4096)
def identifier(handle: str) -> SafeString:
    """Show an identifier grouped by spacing alone: copied, it is ``dm429850-OVH``."""
    head, dash, suffix = handle.partition("-")
    letters = head.rstrip("0123456789")
    digits = head[len(letters) :]
    groups = [digits[start : start + DIGIT_GROUP] for start in range(0, len(digits), DIGIT_GROUP)]
    spans = [format_html("<span>{}</span>", part) for part in (letters, *groups) if part]
    spans.append(format_html('<span class="suffix">{}{}</span>', dash, suffix))
    return format_html(
        '<span class="identifier" translate="no">{}</span>',
        mark_safe("".join(spans)),  # noqa: S308 - each part was escaped above
    )


@register.inclusion_tag("ui/copy_button.html")
def copy_button(value: str) -> dict[str, str]:
    """Offer to copy a value; shown only where scripts run."""
    return {"value": value}


@register.inclusion_tag("ui/steps.html")
def steps(current: int) -> dict[str, Any]:
    """Show where one is in the creation of an account; ``current`` counts from 1."""
    rows = [(number, label) for number, label in enumerate(STEPS, 1)]
    return {"rows": rows, "current": current, "count": len(STEPS)}


@register.simple_tag
def badge(kind: str, text: str) -> SafeString:
    """A short word of state, with its icon: meaning never hangs on colour alone."""
    # As text: what is lazily translated is another word in another language.
    return _badge(kind, capfirst(str(text)))


@lru_cache(maxsize=4096)
def _badge(kind: str, text: str) -> SafeString:
    drawn = _icon(BANNER_ICONS.get(kind, "info-circle"))
    return format_html('<span class="badge {}">{}{}</span>', kind, drawn, text)


@register.simple_tag
def local_time(
    moment: datetime, style: str = "DATETIME_FORMAT", *, zoned: bool = False
) -> SafeString:
    """Show a moment in the reader's time zone and language; a deadline names the zone too."""
    local = timezone.localtime(moment)
    shown = moments.zoned(moment) if zoned else moments.written(moment, style)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), shown)


@register.filter
def moment(value: datetime | None) -> str:
    """Write a deadline, or the moment of a fact in a mail, with its distance from UTC."""
    return moments.zoned(value) if value else ""


@register.filter
def duration(length: timedelta | str, form: durations.Form = "") -> str:
    """
    Write a length of time in a sentence: “24 hours”, “one hour”.

    It is given by itself, or by its name where a room has declared it: ``"emailchange.undo"``.
    ``form`` is "than" or "within", as ``durations.written`` says.
    """
    return durations.written(figures.length_of(length), form)


@register.filter
def duration_in_words(length: timedelta | str, form: durations.Form = "") -> str:
    """Write it with the number in a word: “four hours”, “an hour”."""
    return durations.written(figures.length_of(length), form, in_words=True)


@register.filter
def hours(length: timedelta | str) -> int:
    """Return how many hours it is, for a sentence that must name the unit to agree with it."""
    return durations.whole(figures.length_of(length), durations.HOUR)


@register.filter
def figure(name: str) -> figures.Figure:
    """Return a figure that a room has declared."""
    return figures.figure(name)


@register.filter
def number_in_words(count: int) -> str:
    """Write a count in a word, from two to ten."""
    return durations.number(count)


@register.filter
def money(amount: Money) -> str:
    """Write an amount as the reader expects it: “1 234,50 €”."""
    return amount.shown(languages.current())


@register.simple_tag
def country_name(code: str) -> str:
    """Name a country in the reader's language."""
    return languages.country_names(languages.current()).get(code, code)


@register.simple_tag(takes_context=True)
def frame(context: Context, part: str) -> SafeString:
    """Draw a part of the frame around every page."""
    return frames.drawn(part, context)


@register.simple_tag(takes_context=True)
def mail_button(context: Context, name: str, label: str, **parameters: str) -> SafeString:
    """The one action of a mail: a link as a button, with its address written below it."""
    url = f"{context['site_url']}{reverse(name, kwargs=parameters)}"
    shown = {"url": url, "label": label, "accent": context["accent"]}
    return mark_safe(render_to_string("ui/mail/button.html", shown))  # noqa: S308 - a template's


@register.simple_tag
def mail_code(code: str) -> SafeString:
    """A code or an identifier, large, in a mail."""
    return mark_safe(render_to_string("ui/mail/code.html", {"code": code}))  # noqa: S308 - likewise


@register.simple_tag(takes_context=True)
def mail_not_me(context: Context) -> SafeString:
    """The link of a security mail by which its reader says: it was not me."""
    shown = {name: context[name] for name in ("not_me", "site_url", "accent")}
    return mark_safe(render_to_string("ui/mail/not_me.html", shown))  # noqa: S308 - a template's


@register.tag
def banner(parser: Parser, token: Token) -> Node:
    """``{% banner "attention" %}…{% endbanner %}``: a sentence that needs to be seen."""
    _name, kind = token.split_contents()
    nodes = parser.parse(("endbanner",))
    parser.delete_first_token()
    return BannerNode(parser.compile_filter(kind), nodes)


class BannerNode(Node):
    def __init__(self, kind: FilterExpression, nodelist: NodeList) -> None:
        self.kind, self.nodelist = kind, nodelist

    def render(self, context: Context) -> SafeString:
        kind = str(self.kind.resolve(context))
        drawn = _icon(BANNER_ICONS.get(kind, "info-circle"))
        return format_html(
            '<div class="banner {}" role="{}">{}<div>{}</div></div>',
            kind,
            "alert" if kind == "danger" else "status",
            drawn,
            self.nodelist.render(context),
        )


@register.filter
def address(stored: str) -> str:
    """Show an address; one that looks like another with what it is (docs/adr/0018)."""
    return addresses.shown(stored)


@register.filter
def browser(kept: str) -> str:
    """Show the name of a browser that was kept, if it is a name; empty otherwise."""
    return browsers.recognised(kept)


@register.filter
def hinted(address: str) -> str:
    """Show an address to somebody who should know it already."""
    return addresses.hinted(address)


@register.filter
def message_kind(level: str) -> str:
    """Give a message's level the name of its banner."""
    return {"success": "good", "warning": "attention", "error": "danger"}.get(level, "information")
