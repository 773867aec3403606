from datetime import datetime, timedelta

from nichandle.commerce.catalogue.following import follow
from nichandle.platform.jobs.registry import periodic


@periodic("catalogue.follow", every=timedelta(minutes=1))
def follow_file(*, now: datetime) -> None:
    """Take the operator's catalogue over when its file has changed."""
    follow(now=now)
