"""Refusals: what an operation says when it foresaw the case and will not act."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refused(Exception):
    """
    A foreseen refusal; anything else that is raised is a bug.

    ``code`` is stable and read by programs, ``message`` is one sentence for the person, ``field``
    names the form field beside which the sentence stands, ``status`` is the page's HTTP status.
    ``counted`` says that a trace (a counted wrong code, say) was committed before raising.
    """

    code: ClassVar[str]
    message: ClassVar[str | Promise] = _("This cannot be done.")
    field: ClassVar[str | None] = None
    status: ClassVar[int] = 422
    counted: ClassVar[bool] = False

    def __init__(self, **params: Any) -> None:
        self.params = params
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message) % self.params if self.params else str(self.message)


MANGLED = _("This link is not complete. Copy the whole of it from the mail.")


class LinkRefused(Refused):
    """
    A link of a mail that does nothing any more.

    ``why`` is what became of it, one of ``sentences``; the page says that, and what to do next.
    """

    status = 410
    sentences: ClassVar[Mapping[str, str | Promise]] = {}

    def __init__(self, why: str = "") -> None:
        self.why = why
        super().__init__()

    def __str__(self) -> str:
        return str(self.sentences.get(self.why, self.message))
