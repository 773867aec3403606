"""Recovery codes as a file that one keeps or prints."""

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext as _


def codes_as_text(codes: Sequence[str], *, handle: str) -> str:
    """Write a set of recovery codes with what one needs to know when one finds it years later."""
    lines = (
        _("%(brand)s: recovery codes") % {"brand": settings.NICHANDLE_BRAND},
        f"{_('Client identifier')} {handle}",
        settings.BASE_URL,
        "",
        _("Each code opens the account once. Keep them apart from your password."),
        "",
        *codes,
    )
    return "\n".join(lines) + "\n"
