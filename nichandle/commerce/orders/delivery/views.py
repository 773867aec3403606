"""Where the operator's provisioning says that something is delivered, or cannot be."""

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from nichandle.commerce.orders.delivery import answering, signing
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused

LONGEST = 16 * 1024


@csrf_exempt  # it comes from a program, which proves by its signature who it is
@login_not_required
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    body = _body(request)
    now, header = timezone.now(), request.headers.get(signing.HEADER, "")
    if not signing.genuine(header, body, settings.NICHANDLE_DELIVERY_SECRET, now=now):
        return JsonResponse({"error": "signature.not_valid"}, status=403)
    said = _read(body)
    if said is None:
        return JsonResponse({"error": "body.not_valid"}, status=422)
    key, state, trouble = said
    act = Act.by_staff("delivery", now)
    try:
        if state == "done":
            answering.done(key, act=act)
        else:
            answering.failed(key, trouble=trouble, act=act)
    except Refused as refusal:
        return JsonResponse({"error": refusal.code}, status=refusal.status)
    return JsonResponse({"state": "noted"})


def _body(request: HttpRequest) -> bytes:
    """Return the body as it came; nothing of a form or a flood, which no program of ours sends."""
    try:
        body = request.body
    except (RawPostDataException, RequestDataTooBig):
        return b""
    return body if len(body) <= LONGEST else b""


def _read(body: bytes) -> tuple[UUID, str, str] | None:
    try:
        said: Any = json.loads(body)
        key, state = UUID(said["key"]), said["state"]
        trouble = said.get("trouble", "")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    if state not in ("done", "failed") or not isinstance(trouble, str) or "\0" in trouble:
        return None
    return key, state, trouble
