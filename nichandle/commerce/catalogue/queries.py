"""What is sold now."""

import json
from functools import lru_cache

from nichandle.commerce.catalogue.models import Edition
from nichandle.commerce.catalogue.offers import Catalogue
from nichandle.commerce.catalogue.reading.file import of_plain

NOTHING = Catalogue(0, "EUR", ("EUR",), (), (), ())
"""What is sold before any catalogue was taken over."""
KEPT = 4
"""Editions a process keeps: the newest, and those that pages begun before it still read."""


def current() -> Catalogue:
    """Return the newest edition; one statement by a primary key, and its content when it is new."""
    newest = Edition.objects.order_by("-number").values_list("number", "digest").first()
    return _edition(*newest) if newest else NOTHING


@lru_cache(maxsize=KEPT)
def _edition(number: int, digest: str) -> Catalogue:
    kept = Edition.objects.get(number=number, digest=digest)
    return of_plain(json.loads(kept.content), languages=kept.languages, edition=number)
