"""What the worker does for this room."""

from datetime import datetime, timedelta

from nichandle.commerce.invoices.archives import asking, making
from nichandle.commerce.invoices.issuing import waiting
from nichandle.commerce.invoices.vies import asking as vies
from nichandle.platform.jobs.registry import periodic, pump

pump("invoices.issue", waiting.NEXT_DUE)(waiting.issue_waiting)
# In a lane of its own: a large archive keeps no invoice waiting.
pump("invoices.archive", making.NEXT_ASKED)(making.make_asked)

# The register may keep us waiting: that holds up nothing else.
pump("invoices.vies", vies.NEXT_DUE)(vies.ask_due)


@periodic("invoices.clear_archives", every=timedelta(hours=1))
def clear_archives(*, now: datetime) -> None:
    asking.clear_old(now=now)
