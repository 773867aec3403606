"""What a load balancer asks: is the process alive, can it serve."""

from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from nichandle.platform.installation.probe import Probe
from nichandle.platform.jobs.queries import worker_alive

probe = Probe()
# HAProxy asks with OPTIONS where nothing else is said.
asked = require_http_methods(["GET", "HEAD", "OPTIONS"])


@login_not_required
@asked
def alive(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"alive": True})


@login_not_required
@asked
def ready(request: HttpRequest) -> JsonResponse:
    """200 when the database takes a write and a worker was seen; else 503, saying which is not."""
    now = timezone.now()
    obstacle, worker = probe.obstacle(now), _worker_seen(now)
    state: dict[str, bool | str] = {"database": obstacle is None and worker is not None}
    state["worker"] = bool(worker)
    status = 200 if all(state.values()) else 503
    if obstacle is not None:
        state["why"] = obstacle
    return JsonResponse(state, status=status)


def _worker_seen(now: datetime) -> bool | None:
    """Tell whether a worker was seen; None when the database does not say."""
    try:
        return worker_alive(now)
    except (DatabaseError, InterfaceError):
        return None
