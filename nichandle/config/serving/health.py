"""What a load balancer asks: is the process alive, can it serve."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from nichandle.platform.jobs.queries import worker_alive


@login_not_required
@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"alive": True})


@login_not_required
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and a worker was seen; else 503, saying which is missing."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        state = {"database": True, "worker": worker_alive(timezone.now())}
    except DatabaseError:
        state = {"database": False, "worker": False}
    return JsonResponse(state, status=200 if all(state.values()) else 503)
