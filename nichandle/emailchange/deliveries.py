"""What the clock hears of the mails: accepted, or refused for good."""

from datetime import datetime

from nichandle.emailchange import clock
from nichandle.emailchange.models import Change, ChangeMail
from nichandle.kernel.database import locked
from nichandle.outbox.models import Mail

CLOCK = ["remind_at", "due_at", "lapses_at"]


def hear(mail: Mail, now: datetime) -> None:
    """Note how a mail ended, and set the clock of its request anew."""
    sent = ChangeMail.objects.filter(mail_id=mail.pk).first()
    if sent is None:
        return
    # The request is locked first, so that two mails of it that end at once are both reckoned with.
    change = locked(Change.objects.filter(pk=sent.change_id)).get()
    if mail.state == Mail.State.SENT:
        sent.accepted_at = mail.accepted_at
    elif mail.state == Mail.State.BOUNCED:
        sent.refused_at = now
    else:
        return
    sent.save(update_fields=["accepted_at", "refused_at"])
    if change.state == Change.State.OPEN:
        set_clock(change)
        change.save(update_fields=CLOCK)


def set_clock(change: Change) -> None:
    """Reckon anew when a request is due, reminded of, and over; the caller saves it."""
    mails = list(change.mails.all())
    change.remind_at = clock.remind_at(change, mails)
    change.due_at = clock.due_at(change, mails)
    change.lapses_at = clock.lapses_at(change, mails)
