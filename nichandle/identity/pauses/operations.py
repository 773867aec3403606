"""Beginning a pause, asking about one, shortening one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.letterhead import write
from nichandle.identity.accounts.queries import lock_account
from nichandle.identity.pauses.acts import CAUSES, SENSITIVE, CauseName, SensitiveAct
from nichandle.identity.pauses.models import Pause
from nichandle.identity.pauses.queries import addresses_that_shorten, all_running
from nichandle.platform.audit.operations import NewEntry, record, record_all
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.counted import counting
from nichandle.platform.kernel.database import run_together
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording import moments
from nichandle.platform.limits.operations import check, spend, spending

CODE_LIFETIME = timedelta(minutes=30)


class Paused(Refused):
    """A sensitive act has to wait; ``pause`` is the one that ends last."""

    code = "pause.running"
    message = _("This has to wait until %(until)s. %(reason)s")
    status = 403

    def __init__(self, pause: Pause) -> None:
        self.pause = pause
        until = moments.written(pause.ends_at)
        if pause.held_by:
            decided = gettext("%(until)s at least, and until case %(number)s is decided")
            until = decided % {"until": until, "number": pause.held_by}
        super().__init__(until=until, reason=pause.reason.sentence)


class NoPause(Refused):
    code = "pause.none"
    message = _("No pause is running any more.")


class AddressTooYoung(Refused):
    code = "pause.address_too_young"
    message = _("Only an address that was established before can shorten the pause.")
    field = "address"


class PauseCodeWrong(Refused):
    code = "pause.code_wrong"
    message = _("This is not the code we sent. Check it and try again.")
    field = "code"
    counted = True


class PauseCodeExpired(Refused):
    code = "pause.code_expired"
    message = _("This code is no longer valid. Have a new one sent.")
    field = "code"


def begin(
    *,
    account_id: UUID,
    cause: CauseName,
    act: Act,
    caused_at: datetime | None = None,
    caused_by: str = "",
    until: datetime | None = None,
) -> None:
    """
    Begin a pause; call it inside the transaction of its cause.

    ``caused_at`` is when the doubtful event began, if that was before now: only what the account
    knew before it may shorten the pause. ``caused_by`` is the address through which it came, which
    may not, however old. ``until`` is an end of its own instead of the cause's.

    :raises KeyError: when the cause is not in ``acts.CAUSES``
    """
    ends_at = until or act.now + CAUSES[cause].lasts
    Pause.objects.create(
        account_id=account_id,
        cause=cause,
        caused_at=caused_at or act.now,
        caused_by=caused_by,
        began_at=act.now,
        ends_at=ends_at,
    )
    record(
        "pause.began",
        account_id=account_id,
        act=act,
        cause=cause,
        until=ends_at.isoformat(),
    )


def renew(*, account_id: UUID, cause: CauseName, caused_at: datetime, act: Act) -> bool:
    """
    Let a pause last from now on as if it began now; begin it where none of this cause runs.

    Tells whether it was begun.
    """
    for pause in all_running(account_id, now=act.now):
        if pause.cause == cause:
            pause.ends_at = max(pause.ends_at, act.now + CAUSES[cause].lasts)
            pause.caused_at = min(pause.caused_at, caused_at)
            pause.save(update_fields=["ends_at", "caused_at"])
            return False
    begin(account_id=account_id, cause=cause, caused_at=caused_at, act=act)
    return True


def hold(*, account_id: UUID, cause: CauseName, number: str, now: datetime) -> None:
    """
    Let the running pause of a cause wait for the decision of a case, whatever its time.

    Where it waits for another case already, one more of its kind waits for this one.
    """
    of_cause = [pause for pause in all_running(account_id, now=now) if pause.cause == cause]
    if any(pause.held_by == number for pause in of_cause):
        return
    pause = next((one for one in of_cause if not one.held_by), of_cause[0])
    pause.pk = None if pause.held_by else pause.pk
    pause.held_by, pause.code_digest = number, ""
    pause.save()


def release(number: str) -> None:
    """Let the pauses that waited for a case end at their time; it is decided."""
    Pause.objects.filter(held_by=number).update(held_by="")


def begin_all(causes: Sequence[tuple[UUID, datetime]], *, cause: CauseName, act: Act) -> None:
    """Begin a pause on many accounts, (account, when its cause began), in few statements."""
    ends_at = act.now + CAUSES[cause].lasts
    Pause.objects.bulk_create(
        Pause(account_id=one, cause=cause, caused_at=caused_at, began_at=act.now, ends_at=ends_at)
        for one, caused_at in causes
    )
    details = {"cause": cause, "until": ends_at.isoformat()}
    record_all(
        [NewEntry("pause.began", one, act.origin, details) for one, _at in causes], now=act.now
    )


def require(account_id: UUID, act: SensitiveAct, *, now: datetime) -> None:
    """
    Let a sensitive act go on unless a pause runs.

    :raises Paused: with the pause that ends last
    :raises KeyError: when the act is not in ``acts.SENSITIVE``
    """
    SENSITIVE[act]
    for pause in all_running(account_id, now=now):
        if act not in pause.reason.exempt:
            raise Paused(pause)


def ask_to_shorten(*, account_id: UUID, address: str, act: Act) -> None:
    """
    Mail a code that ends the running pauses, to an address established before their causes.

    :raises NoPause: when none runs
    :raises AddressTooYoung: for any other address
    :raises Exhausted: after too many codes
    """
    spend("pause.mail", key=str(account_id), now=act.now)
    with transaction.atomic():
        account = lock_account(account_id)
        pauses = _running(account_id, act.now)
        if address not in addresses_that_shorten(pauses):
            raise AddressTooYoung
        pause, until = pauses[0], act.now + CODE_LIFETIME
        pause.sent += 1
        code = pause.code.issue(until=until)
        pause.save(update_fields=["sent", "code_digest", "code_expires_at"])
        write(
            account,
            "pauses/mail/code",
            to=[address],
            secrets={"code": code},
            expires_at=until,
            act=act,
        )


def shorten(*, account_id: UUID, code: str, act: Act) -> None:
    """
    End the running pauses with the code mailed for it.

    :raises NoPause: when none runs
    :raises AddressTooYoung: when no address may end it any more
    :raises PauseCodeWrong: counted
    :raises PauseCodeExpired: when the code is too old
    :raises Exhausted: after too many wrong codes
    """
    check(("pause.code", str(account_id)), now=act.now)
    with counting():
        lock_account(account_id)
        pauses = _running(account_id, act.now)
        if not addresses_that_shorten(pauses):
            # What has happened since the code was mailed leaves nobody who may end it.
            raise AddressTooYoung
        if pauses[0].code.expired(act.now):
            raise PauseCodeExpired
        if pauses[0].code.fits(code, now=act.now):
            lift(account_id=account_id, act=act)
            return
        record("pause.code_wrong", account_id=account_id, act=act)
        run_together([spending("pause.code", key=str(account_id), now=act.now)])
        raise PauseCodeWrong


def lift(*, account_id: UUID, act: Act) -> None:
    """End the running pauses; the caller has seen a proof older than their causes."""
    ids = [pause.pk for pause in all_running(account_id, now=act.now)]
    rows = Pause.objects.filter(pk__in=ids)
    if rows.update(lifted_at=act.now, code_digest="", held_by=""):
        record("pause.lifted", account_id=account_id, act=act)


def _running(account_id: UUID, now: datetime) -> list[Pause]:
    pauses = all_running(account_id, now=now)
    if not pauses:
        raise NoPause
    return pauses
