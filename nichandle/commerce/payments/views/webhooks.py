"""Where providers tell: the raw body and its signature, nothing else of the request counts."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from nichandle.commerce.payments.providers import registry, webhooks
from nichandle.commerce.payments.providers.contract import NotGenuine
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.limits.errors import Exhausted
from nichandle.platform.limits.operations import check, spend

PLAIN = "text/plain; charset=utf-8"


@csrf_exempt
@login_not_required
@require_POST
def webhook(request: HttpRequest, provider: str) -> HttpResponse:
    """Keep what a provider tells; 2xx says that it need not tell it again."""
    through, now = registry.provider(provider), timezone.now()
    if through is None:
        raise Http404
    network = Origin.of(request).network
    try:
        check(("payment.webhook", network), now=now)
        signature = request.headers.get(through.header, "")
        webhooks.receive(through, _body(request), signature, now=now)
    except NotGenuine as refusal:
        spend("payment.webhook", key=network, now=now)
        return HttpResponse(refusal.why, status=403, content_type=PLAIN)
    except Exhausted as spent:
        return HttpResponse(str(spent), status=spent.status, content_type=PLAIN)
    return HttpResponse(status=204)


def _body(request: HttpRequest) -> bytes:
    """Return the body as it came; nothing of a form or a flood, which no provider sends."""
    try:
        return request.body
    except (RawPostDataException, RequestDataTooBig):
        return b""
