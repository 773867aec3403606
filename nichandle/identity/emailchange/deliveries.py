"""What the clock hears of the mails: accepted, refused for good, or never sent at all."""

from datetime import datetime, timedelta

from nichandle.identity.accounts.contest import may_contest
from nichandle.identity.accounts.queries import profile
from nichandle.identity.emailchange import clock, telling
from nichandle.identity.emailchange.confirmation import codes
from nichandle.identity.emailchange.mails import AWAITED, VETO
from nichandle.identity.emailchange.models import Change, ChangeMail
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.outbox.models import Mail
from nichandle.platform.outbox.queries import reaches

WRITTEN_AGAIN_AFTER = timedelta(days=1)
"""A mail that ended sooner could not be made at all: once more would not help."""
CLOCK = ["remind_at", "due_at", "lapses_at"]


def hear(mail: Mail, now: datetime) -> None:
    """
    Note how a mail ended, and set the clock of its request anew.

    One that was given up because the mail server was away is written again: silence counts only
    from delivery, so without it the request could only lapse.
    """
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
        if mail.state == Mail.State.FAILED and _worth_writing_again(change, sent, mail, now):
            _write_again(change, sent, mail, now)
        return
    sent.save(update_fields=["accepted_at", "refused_at"])
    if change.state == Change.State.OPEN:
        set_clock(change)
        change.save(update_fields=CLOCK)


def _worth_writing_again(change: Change, sent: ChangeMail, mail: Mail, now: datetime) -> bool:
    if now - mail.created_at < WRITTEN_AGAIN_AFTER:
        return False
    if change.state != Change.State.OPEN or change.by_code:
        return False
    others = change.mails.filter(part=sent.part).exclude(pk=sent.pk)
    return not reaches(list(others.values_list("mail_id", flat=True)), to=mail.recipient)


def _write_again(change: Change, sent: ChangeMail, mail: Mail, now: datetime) -> None:
    account, origin = profile(change.account_id), Origin(change.ip, change.agent)
    if not may_contest(account, mail.recipient, now=now):
        return
    if sent.to_current and sent.part == ChangeMail.Part.ASKED:
        codes.send_anew(account, change, act=Act(origin, now))
    else:
        template, to = AWAITED[ChangeMail.Part(sent.part)], {mail.recipient: VETO}
        again = telling.letters(account, change, template, to, act=Act(origin, now))
        telling.write(again, part=sent.part)


def set_clock(change: Change) -> None:
    """Reckon anew when a request is due, reminded of, and over; the caller saves it."""
    mails = list(change.mails.all())
    change.remind_at = clock.remind_at(change, mails)
    change.due_at = clock.due_at(change, mails)
    change.lapses_at = clock.lapses_at(change, mails)
