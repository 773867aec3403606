"""The refusal of an allowance that is spent."""

from datetime import datetime
from math import ceil

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from nichandle.platform.kernel.errors import Refused

MINUTE = 60
LONGEST_IN_HOURS = 48


class Exhausted(Refused):
    """
    Too often: says how long to wait. The answer is at once; nobody is kept hanging.

    ``closed`` when so many failures came one after another that the way is shut for good.
    """

    code = "limits.exhausted"
    message = _("Too many tries. Try again in %(wait)s.")
    status = 429

    def __init__(
        self, *, name: str, retry_at: datetime, now: datetime, closed: bool = False
    ) -> None:
        super().__init__()
        self.name = name
        self.closed = closed
        self.retry_at = retry_at
        self.seconds = max(1, ceil((retry_at - now).total_seconds()))

    def __str__(self) -> str:
        return str(self.message) % {"wait": self._wait()}

    def _wait(self) -> str:
        if self.seconds < MINUTE:
            return ngettext("%(count)s second", "%(count)s seconds", self.seconds) % {
                "count": self.seconds
            }
        minutes = -(-self.seconds // MINUTE)
        if minutes < 60:
            return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
        hours = -(-minutes // 60)
        if hours <= LONGEST_IN_HOURS:
            return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
        days = -(-hours // 24)
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
