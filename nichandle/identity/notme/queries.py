"""Reading the links."""

from datetime import datetime

from nichandle.identity.notme.models import NotMeLink
from nichandle.platform.kernel import tokens


def found(secret: str) -> NotMeLink | None:
    """Return the link of a secret, whatever has become of it; None when there never was one."""
    return NotMeLink.objects.filter(digest=tokens.digest(secret)).first()


def works(link: NotMeLink, *, now: datetime) -> bool:
    return link.used_at is None and now < link.expires_at
