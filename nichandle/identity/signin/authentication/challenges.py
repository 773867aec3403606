"""Sign-ins half done: the password was right, something is still missing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts import credentials
from nichandle.identity.accounts.credentials import Credential
from nichandle.identity.accounts.letterhead import write
from nichandle.identity.accounts.models import RecoveryAddress
from nichandle.identity.accounts.queries import profile, recovery_addresses
from nichandle.identity.signin import mails
from nichandle.identity.signin.models import Challenge
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.limits.errors import Exhausted
from nichandle.platform.limits.operations import spend

LIFETIME = timedelta(minutes=10)
"""ASVS 5.0, 6.5.5: the longest that a code for signing in may live."""
TRIES = 5
SENDINGS = 3
AT_ONCE = 200


class StepGone(Refused):
    code = "signin.step_gone"
    message = _("Too much time has passed, or too many tries. Sign in again from the beginning.")
    status = 410


class StepCodeWrong(Refused):
    code = "signin.code_wrong"
    message = _("This is not the code we sent. Tries left: %(left)s.")
    field = "code"
    counted = True


class StepSentOften(Refused):
    code = "signin.sent_often"
    message = _("We have sent several codes already. Check your unwanted mail, or sign in again.")
    field = "code"


class AddressNotEstablished(Refused):
    code = "signin.address_not_established"
    message = _("This address cannot receive the code. Choose another.")
    field = "code"


@dataclass(frozen=True, slots=True)
class Halfway:
    """The password was right; ``secret`` goes into the browser's cookie and nowhere else."""

    secret: str
    step: Challenge.Step


def begin(
    candidate: Credential,
    step: Challenge.Step,
    visit: Visit,
    *,
    stay: bool,
    failures: int,
) -> Halfway | None:
    """
    Begin the second step; None when the password has been changed meanwhile.

    ``failures`` before the right password are told when the sign-in is complete.

    :raises Exhausted: when too many codes were mailed
    """
    origin, now = visit.origin, visit.now
    if step == Challenge.Step.CODE:
        spend("signin.code_mail", key=str(candidate.account_id), now=now)
    minted = tokens.mint()
    with transaction.atomic():
        if not credentials.lock_credential(candidate):
            return None
        challenge = Challenge.objects.create(
            digest=minted.digest,
            account_id=candidate.account_id,
            step=step,
            stay=stay,
            failures=failures,
            password_digest=tokens.digest(candidate.password),
            chain=_chain(candidate, visit.step) or minted.digest,
            ip=origin.ip,
            agent=origin.agent,
            created_at=now,
            expires_at=now + LIFETIME,
        )
        if step == Challenge.Step.CODE:
            _send(challenge, None, act=visit)
    return Halfway(minted.secret, step)


def challenge_of(secret: str, *, now: datetime) -> Challenge | None:
    """Return the sign-in that a browser has half done; None when it has none, or too old."""
    return Challenge.objects.filter(digest=tokens.digest(secret), expires_at__gt=now).first()


def send_again(secret: str, *, to: int | None, act: Act) -> None:
    """
    Mail a new code, to the primary address or to an established recovery address (its key).

    The code before is void. The primary address is told when the code goes elsewhere.

    :raises StepGone: when this browser has no second step to make
    :raises StepSentOften: after the third time
    :raises AddressNotEstablished: when that address may not act
    :raises Exhausted: when too many codes were mailed to the account
    """
    waiting = challenge_of(secret, now=act.now)
    if waiting is None or waiting.step != Challenge.Step.CODE:
        raise StepGone
    spend("signin.code_mail", key=str(waiting.account_id), now=act.now)
    with transaction.atomic():
        challenge = lock_challenge(waiting, now=act.now)
        if challenge.sent >= SENDINGS:
            raise StepSentOften
        recovery = _established(challenge, to, act.now) if to is not None else None
        _send(challenge, recovery, act=act)


def lock_challenge(challenge: Challenge, *, now: datetime) -> Challenge:
    """
    Return the challenge with its account's row and its own locked, in that order.

    :raises StepGone: when it has ended, or the password has been changed since it began
    """
    found = credentials.by_id(challenge.account_id)
    same = tokens.same(tokens.digest(found.password), challenge.password_digest)
    if not same or not credentials.lock_credential(found):
        raise StepGone
    rows = Challenge.objects.filter(pk=challenge.pk, expires_at__gt=now, wrong__lt=TRIES)
    held = locked(rows).first()
    if held is None:
        raise StepGone
    return held


def count_wrong(challenge: Challenge, *, act: Act) -> int:
    """Count a wrong try and return how many are left; with the last one its owner is told."""
    challenge.wrong += 1
    challenge.save(update_fields=["wrong"])
    left = TRIES - challenge.wrong
    if not left and challenge.step == Challenge.Step.FACTOR:
        _tell(challenge, act=act)
    return left


def forget(challenge: Challenge) -> None:
    """
    End a challenge, and what the same browser left of others, once one is done.

    The same by the secret that it held, not by its address: a thief's may look the same.
    """
    same = Q(pk=challenge.pk)
    if challenge.chain:
        same |= Q(chain=challenge.chain)
    Challenge.objects.filter(same, account_id=challenge.account_id).delete()


def end_old(*, now: datetime) -> int:
    """
    End what nobody finished in time, and return how many there were.

    Somebody who knew the password and had no factor is worth a mail (ASVS 5.0, 6.3.5).
    """
    old = list(Challenge.objects.filter(expires_at__lte=now).order_by("pk")[:AT_ONCE])
    for found in old:
        _end(found, now=now)
    return len(old)


@transaction.atomic
def _end(found: Challenge, *, now: datetime) -> None:
    held = locked(Challenge.objects.filter(pk=found.pk)).first()
    if held is None:
        # Another worker has seen to it.
        return
    if held.step == Challenge.Step.FACTOR and held.wrong < TRIES:
        _tell(held, act=Act(Origin(held.ip, held.agent), now))
    held.delete()


def _tell(challenge: Challenge, *, act: Act) -> None:
    record("signin.half_finished", account_id=challenge.account_id, act=act)
    try:
        spend("signin.half_mail", key=str(challenge.account_id), now=act.now)
    except Exhausted:
        # Several such mails are in the mailbox; more would hide them.
        return
    write(
        profile(challenge.account_id),
        "signin/mail/half_finished",
        event="signin.half_finished",
        act=act,
    )


def _chain(candidate: Credential, before: str) -> str:
    """Return the chain of what this browser began before for this account, empty when nothing."""
    rows = Challenge.objects.filter(account_id=candidate.account_id, digest=tokens.digest(before))
    return rows.values_list("chain", flat=True).first() or "" if before else ""


def _established(challenge: Challenge, to: int, now: datetime) -> RecoveryAddress:
    for recovery in recovery_addresses(challenge.account_id):
        if recovery.pk == to and recovery.established(now):
            return recovery
    raise AddressNotEstablished


def _send(challenge: Challenge, recovery: RecoveryAddress | None, *, act: Act) -> None:
    account = profile(challenge.account_id)
    challenge.sent += 1
    challenge.sent_to = recovery.address if recovery else account.email
    # A code lives ten minutes, its challenge as long as its last code.
    challenge.expires_at = act.now + LIFETIME
    code = challenge.code.issue(until=challenge.expires_at)
    challenge.save(
        update_fields=["sent", "sent_to", "code_digest", "code_expires_at", "expires_at"]
    )
    record("signin.code_sent", account_id=account.pk, act=act, to=challenge.sent_to)
    mails.code(account, challenge, code=code, act=act)
    if recovery is not None:
        write(
            account,
            "signin/mail/code_elsewhere",
            to=[account.email],
            facts={"address": challenge.sent_to},
            event="signin.code_sent",
            act=act,
        )
