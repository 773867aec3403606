"""Papers are shown to the reviewers of their case, watermarked, and to nobody else."""

from uuid import UUID

from nichandle.identity.cases.keeping import sealing
from nichandle.identity.cases.models import PaperBody
from nichandle.identity.cases.papers import drawing
from nichandle.identity.cases.queries import of_number, reviewer
from nichandle.identity.cases.review import places
from nichandle.identity.staff import ledger
from nichandle.platform.kernel.act import Act


def show(*, number: str, reviewer_id: UUID, name: str, page: int, act: Act) -> bytes | None:
    """
    Return a page of a paper as JPEG, watermarked with case, reviewer and time; noted as read.

    None when there is nothing this reviewer may see: another's case, one they left or lost, a paper
    that was not drawn yet, or a key destroyed.
    """
    case, who = of_number(number), reviewer(reviewer_id)
    if case is None or who is None or case.key is None:
        return None
    if places.held_by(case, reviewer_id, now=act.now) is None:
        return None
    body = PaperBody.objects.select_related("paper").filter(paper__case=case, paper__name=name)
    found = body.first()
    if found is None or not 0 <= page < found.paper.pages:
        return None
    data = sealing.unseal(case, name, bytes(found.sealed))
    words = f"{case.number} · {who.name} · {act.now:%Y-%m-%d %H:%M} UTC"
    try:
        drawn = drawing.run(data, "show", str(page), words, seconds=drawing.SHOW_SECONDS)
    except drawing.NotDrawn:
        return None
    told = {"page": page + 1}
    ledger.enter("case.paper_read", member_id=who.pk, act=act, subject=number, details=told)
    return drawn
