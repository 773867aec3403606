"""Pages of long lists by key, so that page one thousand costs what page one costs."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, QuerySet

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, and the key to ask for the rows after them; None at the end."""

    rows: list[Row]
    next: str | None


def page(rows: QuerySet[Row], *, by: str, after: str | None, size: int) -> Page[Row]:
    """
    Cut one page out of ``rows``, in the order of the unique field ``by`` ("-id" for newest first).

    ``after`` is the ``next`` of the page before; what is not a key of this list starts again at
    the beginning.
    """
    field, down = by.lstrip("-"), by.startswith("-")
    start = _key(rows, field, after)
    if start is not None:
        rows = rows.filter(**{f"{field}__{'lt' if down else 'gt'}": start})
    found = list(rows.order_by(by)[: size + 1])
    following = str(getattr(found[size - 1], field)) if len(found) > size else None
    return Page(found[:size], following)


def _key(rows: QuerySet[Row], field: str, text: str | None) -> Any:
    if not text:
        return None
    try:
        found = rows.model._meta.get_field(field)
        return found.to_python(text) if isinstance(found, Field) else None
    except ValidationError:
        return None
