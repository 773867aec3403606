"""What the frame of every page needs."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from nichandle.platform.kernel.wording import languages
from nichandle.platform.ui.templatetags.ui import identifier


def frame(request: HttpRequest) -> dict[str, Any]:
    account = getattr(request, "account", None)
    handle = account.handle if account else ""
    menu = settings.NICHANDLE_MENU if handle else ()
    # A form that failed came by POST; the language switch goes back to its page all the same.
    here = request.get_full_path()
    shown = {
        "brand": settings.NICHANDLE_BRAND,
        "logo": bool(settings.NICHANDLE_LOGO),
        "support_url": settings.NICHANDLE_SUPPORT_URL,
        "demo": settings.DEMO,
        "languages": tuple(settings.LANGUAGES),
        "language": languages.current(),
        "here": here,
        "handle": handle,
        "menu": menu,
    }
    who = {
        "signed_in": account is not None,
        "opened": bool(handle),
        "short_name": account.short_name if account else "",
        "handle_drawn": identifier(handle) if handle else "",
        "entry_here": here if here in _addresses(menu) else "",
    }
    # Apart as well, so that what a view calls by one of these names does not change the frame.
    return {**shown, "account": account, "framed": {**shown, **who}}


@lru_cache(maxsize=8)
def _addresses(menu: tuple[Any, ...]) -> frozenset[str]:
    """Return where a menu leads; an entry whose room does not exist leads nowhere."""
    found = set()
    for entry in menu:
        try:
            found.add(reverse(entry.name))
        except NoReverseMatch:
            continue
    return frozenset(found)
