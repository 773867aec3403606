"""What the clock hears of the mails: accepted, refused for good, or never sent at all."""

from datetime import datetime, timedelta

from nichandle.identity.accounts.contest import may_contest
from nichandle.identity.accounts.queries import profile
from nichandle.identity.emailchange import clock, telling
from nichandle.identity.emailchange.confirmation import codes
from nichandle.identity.emailchange.mails import AWAITED, VETO
from nichandle.identity.emailchange.models import Change, ChangeMail
from nichandle.identity.emailchange.queries import absences
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.outbox.models import Mail
from nichandle.platform.outbox.operations import GIVE_UP_AFTER
from nichandle.platform.outbox.queries import reaches

WRITTEN_AGAIN_AFTER = timedelta(days=1)
"""A mail that ended sooner could not be made at all: once more would not help."""
CLOCK = ["remind_at", "prompt_at", "due_at", "lapses_at"]


def hear(mail: Mail, now: datetime) -> None:
    """
    Note how a mail ended, and set the clock of its request anew.

    Given up is refused: an address that put a mail off for three days takes none. One that was
    given up because no mail server could be reached is written again: silence counts only from
    delivery, so without it the request could only lapse.
    """
    sent = ChangeMail.objects.filter(mail_id=mail.pk).first()
    if sent is None:
        return
    # The request is locked first, so that two mails of it that end at once are both reckoned with.
    change = locked(Change.objects.filter(pk=sent.change_id)).get()
    if mail.state == Mail.State.SENT:
        sent.accepted_at = mail.accepted_at
    elif mail.state == Mail.State.BOUNCED or _put_off_to_the_end(mail, now):
        sent.refused_at = now
    else:
        if mail.state == Mail.State.FAILED and _worth_writing_again(change, sent, mail, now):
            _write_again(change, sent, mail, now)
        return
    sent.save(update_fields=["accepted_at", "refused_at"])
    if change.state == Change.State.OPEN:
        set_clock(change, now=now)
        change.save(update_fields=CLOCK)


def _put_off_to_the_end(mail: Mail, now: datetime) -> bool:
    lasted = now - mail.created_at >= GIVE_UP_AFTER
    return mail.state == Mail.State.FAILED and lasted and not mail.away


def _worth_writing_again(change: Change, sent: ChangeMail, mail: Mail, now: datetime) -> bool:
    if now - mail.created_at < WRITTEN_AGAIN_AFTER:
        return False
    if change.state != Change.State.OPEN or change.by_code:
        return False
    if sent.part == ChangeMail.Part.PROOF:
        # The new address is reminded all the same, with a link of its own.
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


def set_clock(change: Change, *, now: datetime) -> None:
    """Reckon anew when a request is due, reminded of, and over; the caller saves it."""
    mails = list(change.mails.all())
    change.remind_at = clock.remind_at(change, mails)
    change.prompt_at = clock.prompt_at(change)
    change.due_at = clock.due_at(change, mails)
    away = absences(since=change.asked_at, now=now)
    change.lapses_at = clock.lapses_at(change, mails, away=away, now=now)
