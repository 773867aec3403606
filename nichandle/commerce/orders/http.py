"""The cookie in which a browser keeps its basket."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from nichandle.commerce.orders.basket import content as baskets
from nichandle.commerce.orders.basket.content import Basket

AGE_SECONDS = 30 * 24 * 3600


def _name() -> str:
    return "__Host-basket" if settings.SESSION_COOKIE_SECURE else "basket"


def basket_of(request: HttpRequest) -> Basket:
    return baskets.read(request.COOKIES.get(_name(), ""))


def keep(response: HttpResponse, basket: Basket) -> None:
    """Let the browser keep a basket, or forget an empty one."""
    if not basket:
        response.delete_cookie(_name(), samesite="Lax")
        return
    response.set_cookie(
        _name(),
        baskets.written(basket),
        max_age=AGE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
