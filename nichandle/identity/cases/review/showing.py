"""Papers are shown to the reviewers of their case, watermarked, and to nobody else."""

from datetime import datetime
from uuid import UUID

from nichandle.identity.cases.keeping import sealing
from nichandle.identity.cases.models import PaperBody
from nichandle.identity.cases.papers import drawing
from nichandle.identity.cases.queries import of_number, reviewer
from nichandle.identity.cases.review import places


def show(*, number: str, reviewer_id: UUID, name: str, page: int, now: datetime) -> bytes | None:
    """
    Return a page of a paper as JPEG, watermarked with case, reviewer and time.

    None when there is nothing this reviewer may see: another's case, one they left or lost, a paper
    that was not drawn yet, or a key destroyed.
    """
    case, who = of_number(number), reviewer(reviewer_id)
    if case is None or who is None or case.key is None:
        return None
    if places.held_by(case, reviewer_id, now=now) is None:
        return None
    body = PaperBody.objects.select_related("paper").filter(paper__case=case, paper__name=name)
    found = body.first()
    if found is None or not 0 <= page < found.paper.pages:
        return None
    data = sealing.unseal(case, name, bytes(found.sealed))
    words = f"{case.number} · {who.name} · {now:%Y-%m-%d %H:%M} UTC"
    try:
        return drawing.run(data, "show", str(page), words, seconds=drawing.SHOW_SECONDS)
    except drawing.NotDrawn:
        return None
