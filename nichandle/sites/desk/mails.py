"""The mails to reviewers, about what signs them in."""

from nichandle.identity.staff.models import StaffMember
from nichandle.platform.outbox.operations import enqueue
from nichandle.sites.desk.visits import ReviewerVisit


def write(reviewer: StaffMember, template: str, *, name: str, visit: ReviewerVisit) -> None:
    """Tell a reviewer about a key; ``name`` is that of the key, empty where there is none."""
    enqueue(
        template=template,
        to=reviewer.email,
        language=visit.language,
        context={"name": name},
        act=visit,
    )
