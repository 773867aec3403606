"""The mails to reviewers, about what signs them in."""

from typing import Any

from nichandle.identity.cases.models import Reviewer
from nichandle.platform.outbox.operations import enqueue
from nichandle.sites.desk.visits import Visit


def set_up(reviewer: Reviewer, *, name: str, visit: Visit) -> None:
    """Word that the operator's link was used; ``name`` is that of the key, if there is one."""
    enqueue(template="review/mail/set_up", **_to(reviewer, name, visit))


def key_added(reviewer: Reviewer, *, name: str, visit: Visit) -> None:
    """Word of one more key."""
    enqueue(template="review/mail/key_added", **_to(reviewer, name, visit))


def key_removed(reviewer: Reviewer, *, name: str, visit: Visit) -> None:
    """Word of a key that is gone."""
    enqueue(template="review/mail/key_removed", **_to(reviewer, name, visit))


def key_copied(reviewer: Reviewer, *, name: str, visit: Visit) -> None:
    """Word of a key that is refused from now on."""
    enqueue(template="review/mail/key_copied", **_to(reviewer, name, visit))


def _to(reviewer: Reviewer, name: str, visit: Visit) -> dict[str, Any]:
    return {
        "to": reviewer.email,
        "language": visit.language,
        "account_id": None,
        "handle": "",
        "context": {"name": name},
        "secrets": {},
        "origin": visit.origin,
        "now": visit.now,
    }
