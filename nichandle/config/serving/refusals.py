"""What people tried and may not: a line of the log for each, but no flood that strangers cause."""

import logging
import time
from collections.abc import Callable
from threading import Lock

from django.http import HttpRequest, HttpResponse

Answer = Callable[[HttpRequest], HttpResponse]

NOT_ALLOWED, NOT_THEIRS, TOO_OFTEN = 403, 404, 429
LINES, SECONDS = 60, 60.0
"""So many lines in so many seconds, from each process: what is beyond is counted."""

log = logging.getLogger("nichandle.refusals")


class Ration:
    """Lets so many through in so many seconds, and counts the others."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most, self.seconds = most, seconds
        self.ends_at, self.taken = 0.0, 0
        self.lock = Lock()

    def take(self) -> int | None:
        """Return how many were held back in the time before; None when this one is, too."""
        with self.lock:
            now, held = time.monotonic(), 0
            if now >= self.ends_at:
                held = max(0, self.taken - self.most)
                self.ends_at, self.taken = now + self.seconds, 0
            self.taken += 1
            return held if self.taken <= self.most else None


_ration = Ration(LINES, SECONDS)


def refusals(answer: Answer) -> Answer:
    """Note who asked for what is another's, what is forbidden, and who asked too often."""

    def through(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if response.status_code in {NOT_ALLOWED, NOT_THEIRS, TOO_OFTEN}:
            _note(request, response.status_code)
        return response

    return through


def _note(request: HttpRequest, status: int) -> None:
    """Write the page's name, never its address: that may carry the secret of a link."""
    match, who = request.resolver_match, _who(request)
    if match is None or (status == NOT_THEIRS and who == "nobody"):
        return
    held = _ration.take()
    if held is None:
        return
    more = f"; {held} more before, not noted" if held else ""
    origin = request.META.get("REMOTE_ADDR", "")
    log.info("%s %s %s by %s, %s%s", status, request.method, match.view_name, who, origin, more)


def _who(request: HttpRequest) -> str:
    """Name the account or the reviewer by key."""
    for kind in ("account", "reviewer"):
        if (found := getattr(request, kind, None)) is not None:
            return f"{kind} {found.pk if kind == 'reviewer' else found.id}"
    return "nobody"
