"""The worker's round: takes what is due and hands it to the transport, one by one."""

import logging
import time

from nichandle.jobs.registry import pump
from nichandle.kernel.clock import Clock
from nichandle.outbox import operations, rendering, transports
from nichandle.outbox.models import Mail

log = logging.getLogger("nichandle.outbox")

BATCH = 50
KEEP_OPEN_SECONDS = 10.0
_open: dict[str, tuple[transports.Transport, float]] = {}


@pump("outbox.deliver")
def deliver(clock: Clock) -> int:
    """Send what is due; returns how many mails were taken."""
    taken = operations.claim(limit=BATCH, now=clock())
    if not taken:
        _close_when_idle()
        return 0
    transport = _transport()
    for mail in taken:
        deliver_one(mail, transport, clock=clock)
    return len(taken)


def deliver_one(mail: Mail, transport: transports.Transport, *, clock: Clock) -> None:
    """Send one mail and settle it, whatever becomes of it."""
    if not operations.begin(mail, now=clock()):
        return
    try:
        message = rendering.message(mail)
    except Exception as error:
        # A broken template must not hold up the mails behind it.
        log.exception("mail %s (%s) cannot be rendered", mail.pk, mail.template)
        operations.give_up(mail, error=repr(error), now=clock())
        return
    try:
        transport.send(message, mail.recipient)
    except transports.Refused as refusal:
        operations.refuse(mail, error=str(refusal), now=clock())
    except transports.Later as reason:
        operations.put_off(mail, error=str(reason), now=clock())
    else:
        operations.accept(mail, now=clock())


def _transport() -> transports.Transport:
    kept = _open.pop("kept", None)
    transport = kept[0] if kept else transports.configured()
    _open["kept"] = (transport, time.monotonic())
    return transport


def _close_when_idle() -> None:
    kept = _open.get("kept")
    if kept and time.monotonic() - kept[1] > KEEP_OPEN_SECONDS:
        del _open["kept"]
        kept[0].close()
