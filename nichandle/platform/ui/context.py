"""What the frame of every page needs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from nichandle.platform.kernel.wording import languages
from nichandle.platform.ui import menu as menus
from nichandle.platform.ui.templatetags.ui import identifier


def frame(request: HttpRequest) -> dict[str, Any]:
    account = getattr(request, "account", None)
    handle = account.handle if account else ""
    menu = menus.entries() if handle else ()
    found = request.resolver_match
    page = found.view_name if handle and found else ""
    place = menus.place_of(page) if page else menus.NOWHERE
    # A form that failed came by POST; the language switch goes back to its page all the same.
    here = request.get_full_path()
    brand = settings.NICHANDLE_BRAND
    shown = {
        "brand": brand,
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
        "entry_here": place.entry,
        "exact": place.entry == page,
        "up": place.up,
        "up_label": place.label,
        "fold": menus.folds_at(tuple(str(one.label) for one in menu if not one.own), brand),
    }
    # Apart as well, so that what a view calls by one of these names does not change the frame.
    return {**shown, "account": account, "framed": {**shown, **who}}
