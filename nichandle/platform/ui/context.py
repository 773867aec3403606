"""What the frame of every page needs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from nichandle.platform.kernel.wording import languages


def frame(request: HttpRequest) -> dict[str, Any]:
    account = getattr(request, "account", None)
    # A form that failed came by POST; the language switch goes back to its page all the same.
    return {
        "brand": settings.NICHANDLE_BRAND,
        "logo": bool(settings.NICHANDLE_LOGO),
        "support_url": settings.NICHANDLE_SUPPORT_URL,
        "demo": settings.DEMO,
        "languages": settings.LANGUAGES,
        "language": languages.current(),
        "here": request.get_full_path(),
        "account": account,
        "handle": account.handle if account else "",
        "menu": settings.NICHANDLE_MENU if account and account.handle else (),
    }
