"""The mails to the staff."""

from datetime import datetime

from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.operations import enqueue


def invited(
    to: str, secret: str, *, by: str, language: str, expires_at: datetime, act: Act
) -> None:
    """Send a newcomer, or somebody who starts anew, the link that sets password and key."""
    enqueue(
        template="staff/mail/invited",
        to=to,
        language=language,
        context={"by": by},
        secrets={"secret": secret},
        # From where a colleague acted is not the newcomer's business.
        act=Act.by_staff(by, act.now),
        expires_at=expires_at,
    )
