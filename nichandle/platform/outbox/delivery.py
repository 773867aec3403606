"""The worker's round: takes what is due and hands it to the transport, one by one."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import InterfaceError, OperationalError

from nichandle.platform.jobs.registry import Stopping, never, pump
from nichandle.platform.kernel.clock import Clock
from nichandle.platform.kernel.tokens import NotSealed
from nichandle.platform.outbox import operations, rendering, transports
from nichandle.platform.outbox.models import UNREADABLE, Mail

log = logging.getLogger("nichandle.platform.outbox")

BATCH = 50
KEEP_OPEN_SECONDS = 10.0
FIRST_REST, LONGEST_REST = timedelta(seconds=1), timedelta(minutes=2)


class WayOut:
    """
    The way out: one transport kept open, and left alone for a while when there is no getting out.

    Growing rests for the line in place of delays for each mail, so that after a day without mail
    server everything leaves at once and in order.
    """

    def __init__(self) -> None:
        self.url = ""
        self.transport: transports.Transport | None = None
        self.used_at = 0.0
        self.failures = 0
        self.rests_until: datetime | None = None

    def rests(self, now: datetime) -> bool:
        # A rest never lasts longer than the longest, though the clock step back.
        return self.rests_until is not None and now < self.rests_until <= now + LONGEST_REST

    def open(self, now: datetime) -> transports.Transport:
        """:raises Away: when nothing can leave; the line rests then"""
        if self.transport is None or self.url != settings.NICHANDLE_MAIL_URL:
            self.close()
            self.url, self.transport = settings.NICHANDLE_MAIL_URL, transports.configured()
        try:
            self.transport.connect()
        except transports.Away as error:
            self._rest(error, now)
            raise
        if self.failures:
            log.warning("mail leaves again")
        self.failures, self.rests_until, self.used_at = 0, None, time.monotonic()
        return self.transport

    def close(self) -> None:
        transport, self.transport = self.transport, None
        if transport is not None:
            transport.close()

    def close_when_idle(self) -> None:
        if self.transport is not None and time.monotonic() - self.used_at > KEEP_OPEN_SECONDS:
            self.close()

    def _rest(self, error: transports.Away, now: datetime) -> None:
        if not self.failures:
            log.warning("no mail leaves, it waits: %s", error)
        rest = min(FIRST_REST * 2 ** min(self.failures, 20), LONGEST_REST)
        self.failures, self.rests_until = self.failures + 1, now + rest


line = WayOut()


def _ours_until() -> float:
    return time.monotonic() + operations.CLAIM_USED.total_seconds()


@pump("outbox.deliver", operations.NEXT_DUE)
def deliver(clock: Clock, stopping: Stopping = never) -> int:
    """Send what is due; returns how many mails were taken."""
    now = clock()
    if line.rests(now):
        return 0
    if not operations.anything_due(now=now):
        line.close_when_idle()
        return 0
    try:
        transport = line.open(now)
    except transports.Away as error:
        operations.give_up_old(error=str(error), now=now)
        return 0
    ours_until = _ours_until()
    taken = operations.claim(limit=BATCH, now=clock())
    batch = Batch(taken, transport, clock)
    batch.ours_until = ours_until
    batch.send(stopping)
    return len(taken)


def deliver_one(mail: Mail, transport: transports.Transport, *, clock: Clock) -> None:
    """Send one mail and settle it, whatever becomes of it."""
    Batch([mail], transport, clock).send()


class Batch:
    """
    Mails of one claim, sent one after the other.

    That a mail was accepted is committed before the body of the next is sent, so that never more
    than one has left unsettled; meanwhile the server hears whom the next is for. Mails are
    rendered while a server works: PostgreSQL or the mail server.
    """

    def __init__(self, mails: list[Mail], transport: transports.Transport, clock: Clock) -> None:
        self.mails = mails
        self.transport = transport
        self.clock = clock
        self.rendered: dict[int, rendering.Message | Exception] = {}
        self.left: tuple[Mail, datetime] | None = None
        self.ours_until = _ours_until()

    def send(self, stopping: Stopping = never) -> None:
        ours = {mail.pk for mail in self.mails}
        try:
            for position, mail in enumerate(self.mails):
                if stopping():
                    operations.release(self.mails[position:])
                    break
                if time.monotonic() > self.ours_until:
                    ours = operations.renew(self.mails[position:], now=self.clock())
                    self.ours_until = _ours_until()
                if mail.pk in ours and not operations.drop_if_expired(mail, now=self.clock()):
                    self._send(position, mail)
        except transports.Away:
            # Found out once, by the first mail that nothing has been said of yet.
            operations.release(self.mails[position:])
        finally:
            # Whatever broke off here, the next batch must not speak into the middle of a mail.
            self.transport.withdraw()
        self._settle()

    def _send(self, position: int, mail: Mail) -> None:
        message = self._message(position)
        if isinstance(message, rendering.Message):
            self.transport.announce(message)
        self._settle(partial(self._render, position + 1))
        self._hand_over(mail, message, position)

    def _settle(self, meanwhile: Callable[[], None] | None = None) -> None:
        """Write down that the mail before was accepted."""
        if self.left is None:
            return
        (mail, accepted_at), self.left = self.left, None
        try:
            operations.accept(mail, now=accepted_at, meanwhile=meanwhile)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            # A receiver's fault must not hold up the mails behind it.
            log.exception("mail %s has left, and what follows from that failed", mail.pk)
            operations.park(mail, now=self.clock())

    def _hand_over(self, mail: Mail, message: rendering.Message | Exception, position: int) -> None:
        if isinstance(message, NotSealed):
            # The right secret may come back; until then nothing is lost by waiting.
            operations.keep_unreadable(mail, now=self.clock())
            return
        if isinstance(message, Exception):
            operations.give_up(mail, error=repr(message), now=self.clock())
            return
        try:
            self.transport.send(message, partial(self._render, position + 1))
        except transports.RefusedByServer as refusal:
            operations.refuse(mail, error=str(refusal), now=self.clock())
        except transports.Later as reason:
            operations.put_off(mail, error=str(reason), now=self.clock())
        except Exception as error:
            log.exception("mail %s (%s) cannot be sent", mail.pk, mail.template)
            operations.put_off(mail, error=repr(error), now=self.clock())
        else:
            self.left = mail, self.clock()

    def _message(self, position: int) -> rendering.Message | Exception:
        self._render(position)
        return self.rendered.pop(position)

    def _render(self, position: int) -> None:
        if position >= len(self.mails) or position in self.rendered:
            return
        mail = self.mails[position]
        try:
            self.rendered[position] = rendering.message(mail)
        except NotSealed as error:
            log.error("mail %s (%s) waits: %s", mail.pk, mail.template, UNREADABLE)
            self.rendered[position] = error
        except Exception as error:
            # A broken template must not hold up the mails behind it.
            log.exception("mail %s (%s) cannot be rendered", mail.pk, mail.template)
            self.rendered[position] = error
