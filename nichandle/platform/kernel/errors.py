"""Refusals: what an operation says when it foresaw the case and will not act."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from nichandle.platform.kernel.counted import expect_commit
from nichandle.platform.kernel.wording.durations import DAY, HOUR, MINUTE, units_of
from nichandle.platform.kernel.wording.figures import with_figures


class Refused(Exception):
    """
    A foreseen refusal; anything else that is raised is a bug.

    ``code`` is stable and read by programs, ``message`` is one sentence for the person, ``field``
    names the form field beside which the sentence stands, ``status`` is the page's HTTP status.
    ``counted`` says that it leaves a trace, such as a counted wrong code: it is raised inside
    ``counting``, which commits. Said of a class it holds for all, or it is said of one refusal.

    :raises TraceLost: for a counted one inside any other transaction, which would roll back
    """

    code: ClassVar[str]
    message: ClassVar[str | Promise] = _("This cannot be done.")
    field: ClassVar[str | None] = None
    status: ClassVar[int] = 422
    counted: bool = False

    def __init__(self, *, counted: bool | None = None, **params: Any) -> None:
        if counted is not None:
            self.counted = counted
        if self.counted:
            expect_commit()
        self.params = params
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message) % self.params if self.params else str(self.message)


MANGLED = _("This link is not complete. Copy the whole of it from the mail.")
# A sentence for each unit: the pronoun for it agrees with the unit in some languages.
_OVER = {
    DAY: ngettext_lazy(
        "This link was good for a day, and that is over.",
        "This link was good for %(count)s days, and they are over.",
        "count",
    ),
    HOUR: ngettext_lazy(
        "This link was good for an hour, and that is over.",
        "This link was good for %(count)s hours, and they are over.",
        "count",
    ),
    MINUTE: ngettext_lazy(
        "This link was good for a minute, and that is over.",
        "This link was good for %(count)s minutes, and they are over.",
        "count",
    ),
}


def link_over(lifetime: timedelta) -> Promise:
    """Say of a link how long it was good for, and that this time has passed."""
    count, unit = units_of(lifetime)
    return with_figures(_OVER[unit], count=count)


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
