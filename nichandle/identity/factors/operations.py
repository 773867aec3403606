"""
Setting factors up, proving them, taking them away.

Everything here is called inside the transaction of an act of the rooms above, which holds the
account's row: simultaneous tries come one after the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.recovery_addresses import AT_CREATION_FOR
from nichandle.identity.factors import ceremony, recovery_codes, totp
from nichandle.identity.factors.answers import Answer, Method
from nichandle.identity.factors.models import (
    ESTABLISHED_AFTER,
    NAME_LENGTH,
    RecoveryCode,
    SecurityKey,
    SpentChallenge,
    Totp,
    TrustedBrowser,
)
from nichandle.identity.factors.queries import Factors, has_factor
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording.text import clean

AT_ONCE = 500
MOST = 20
"""Apps and keys of one account: more than anybody needs, less than slows a page."""


class SetupNotValid(Refused):
    code = "factors.setup_not_valid"
    message = _("This page was open for long. Scan the new code and try again.")


class CodeNotRight(Refused):
    code = "factors.code_not_right"
    message = _("This is not the code that the app shows now. Check it and try again.")
    field = "code"


class TooManyFactors(Refused):
    code = "factors.too_many"
    message = _("You have very many factors already. Remove one you no longer use.")


class KeyKnown(Refused):
    code = "factors.key_known"
    message = _("This key is set up already.")


class SetUpAlready(Refused):
    """The same form came twice: a second press, or a page that the phone loaded again."""

    code = "factors.set_up_already"
    message = _(
        "It is set up already. If you have not seen your recovery codes, make new ones below."
    )


class KeyCloned(Refused):
    """The counter of a key that may exist once went back (WebAuthn 3, section 6.1.1)."""

    code = "factors.key_cloned"
    message = _("There seems to be a copy of this key: it is no longer accepted here.")
    counted = True

    def __init__(self, *, key: SecurityKey) -> None:
        super().__init__()
        self.key = key


@dataclass(frozen=True, slots=True)
class Proof:
    """A factor that has just been proven."""

    method: Method
    name: str
    since: datetime
    at_creation: bool
    factor_id: int | None = None
    moved: bool = False
    """Whether a passkey has just come from another place for the first time, which is told."""

    def established(self, now: datetime) -> bool:
        """Tell whether it may act against others: set at creation, or seven days old."""
        return self.at_creation or now - self.since >= ESTABLISHED_AFTER

    def established_before(self, event: datetime) -> bool:
        """Tell whether it may act on something that happened: it was established by then."""
        return self.since < event and self.established(event)

    def may_remove(self, factor: Totp | SecurityKey, now: datetime) -> bool:
        """Tell whether it is another factor, and none that is too young against an older one."""
        if (self.method, self.factor_id) == (factor.kind, factor.pk):
            return False
        return self.established(now) or self.since <= factor.created_at

    def may_replace_codes(self, made_at: datetime | None, now: datetime) -> bool:
        """Tell whether it may void the set of codes made then: a young one none that is older."""
        return made_at is None or self.established(now) or self.since <= made_at


def add_totp(account: Account, *, setup: totp.Setup, name: str, code: str, now: datetime) -> Totp:
    """
    Set up an app with the first code it shows.

    :raises CodeNotRight: when the code does not fit the seed; nothing is stored
    :raises AppCodeUnreadable: when it can be no code at all
    :raises SetUpAlready: when this very seed is set up already
    """
    digest = totp.seed_digest(setup.seed)
    if Totp.objects.filter(account=account, seed_digest=digest).exists():
        raise SetUpAlready
    step = totp.matching_step(setup.seed, code, after=0, now=now)
    if step is None:
        raise CodeNotRight
    made = Totp(
        account=account,
        name=_named(name),
        seed=tokens.seal(setup.seed, totp.SEED),
        seed_digest=digest,
        last_step=step,
        at_creation=_at_creation(account, now),
        created_at=now,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as twice:
        raise SetUpAlready from twice
    return made


def add_key(
    account: Account, *, response: str, state: str, name: str, now: datetime
) -> SecurityKey:
    """
    Set up a key with its answer.

    :raises KeyNotRight: when the answer is not one to our question, from our site
    :raises KeyTooLate: when the question is too old
    :raises SetUpAlready: when this account has this key already
    :raises KeyKnown: when another has
    """
    new = ceremony.registered(response, state, owner_id=account.pk, now=now)
    made = SecurityKey(
        account=account,
        name=_named(name),
        credential_id=new.credential_id,
        public_key=new.public_key,
        sign_count=new.sign_count,
        transports=new.transports,
        discoverable=new.discoverable,
        user_verified=new.user_verified,
        backup_eligible=new.backup_eligible,
        backed_up=new.backed_up,
        at_creation=_at_creation(account, now),
        created_at=now,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as twice:
        own = SecurityKey.objects.filter(account=account, credential_id=new.credential_id)
        raise (SetUpAlready if own.exists() else KeyKnown) from twice
    return made


def make_codes(account: Account, *, now: datetime) -> list[str]:
    """Make a new set of recovery codes; returns them, for the one time they are shown."""
    at_creation = _at_creation(account, now)
    return recovery_codes.replace_all(account.pk, at_creation=at_creation, now=now)


def room_for_one(factors: Factors) -> None:
    """:raises TooManyFactors: when the account has as many factors as it may"""
    if factors.count >= MOST:
        raise TooManyFactors


def prove(
    account_id: UUID, answer: Answer, *, purpose: str, verified: bool = False, now: datetime
) -> Proof | None:
    """
    Check what was given against the account's factors; None when it fits none.

    A code of an app is good once, and makes those before it void; so is a recovery code, and a
    key's answer to one question.

    :raises AppCodeUnreadable, RecoveryCodeUnreadable: when it can be no code; nothing was guessed
    :raises KeyTooLate: when the question to the key is too old
    :raises KeyCloned: when the key's counter went back
    """
    if answer.method == "app":
        return _prove_app(account_id, answer.code, now)
    if answer.method == "code":
        return _prove_code(account_id, answer.code, now)
    try:
        return prove_key(account_id, answer, purpose=purpose, verified=verified, now=now)
    except ceremony.KeyNotRight:
        return None


def owner_of(answer: Answer) -> UUID | None:
    """Return the account whose key an answer names, and whose it says it is; None when unknown."""
    named = ceremony.named_in(answer.response)
    key = SecurityKey.objects.filter(credential_id=named).first()
    if key is None or ceremony.owner_named_in(answer.response) != key.account_id:
        return None
    return UUID(str(key.account_id))


def prove_key(
    account_id: UUID, answer: Answer, *, purpose: str, verified: bool, now: datetime
) -> Proof:
    """
    Check a key's answer, and that the counter of one that exists once went up.

    :raises KeyNotRight: when it is not the answer of a key of this account to our question
    :raises KeyTooLate: when the question is too old
    :raises KeyCloned: when the key's counter went back
    """
    named = ceremony.named_in(answer.response)
    key = SecurityKey.objects.filter(account_id=account_id, credential_id=named).first()
    if key is None or key.copied_at is not None:
        raise ceremony.KeyNotRight
    found = ceremony.proven(
        key,
        answer.response,
        answer.state,
        owner_id=account_id,
        purpose=purpose,
        verified=verified,
        now=now,
    )
    spend_challenge(found.challenge, now=now)
    if found.from_a_copy(key.sign_count, eligible=key.backup_eligible):
        # The copy may catch up with the counter, so neither of the two is accepted any more.
        key.copied_at = now
        key.save(update_fields=["copied_at"])
        raise KeyCloned(key=key)
    moved = found.counted_back(key.sign_count) and key.moved_at is None
    key.sign_count, key.backed_up, key.last_used_at = found.sign_count, found.backed_up, now
    if key.backup_eligible is None:
        key.backup_eligible = found.backup_eligible
    if moved:
        key.moved_at = now
    key.save()
    return Proof("key", key.name, key.created_at, key.at_creation, key.pk, moved)


def spend_challenge(challenge: str, *, now: datetime) -> None:
    """
    Note that a question to a key was answered.

    :raises KeyNotRight: when it was answered before
    """
    try:
        with transaction.atomic():
            SpentChallenge.objects.create(digest=challenge, spent_at=now)
    except IntegrityError as twice:
        raise ceremony.KeyNotRight from twice


def rename(factor: Totp | SecurityKey, name: str) -> None:
    factor.name = _named(name)
    factor.save(update_fields=["name"])


def remove(factor: Totp | SecurityKey, *, last: bool) -> None:
    """Take a factor away; with the last one the recovery codes go too, and all trust."""
    factor.delete()
    end_trust(factor.account_id)
    if last:
        RecoveryCode.objects.filter(account_id=factor.account_id).delete()


def remove_all(account_id: UUID) -> None:
    """Take every factor away, as an approved case about lost factors does."""
    for rows in (Totp.objects, SecurityKey.objects, RecoveryCode.objects):
        rows.filter(account_id=account_id).delete()
    end_trust(account_id)


def end_since(account_id: UUID, *, since: datetime, act: Act) -> None:
    """Take away what was set up since a disowned event: a thief's factor must not outlive it."""
    apps = Totp.objects.filter(account_id=account_id, created_at__gte=since)
    keys = SecurityKey.objects.filter(account_id=account_id, created_at__gte=since)
    names = [*apps.values_list("name", flat=True), *keys.values_list("name", flat=True)]
    RecoveryCode.objects.filter(account_id=account_id, created_at__gte=since).delete()
    if not names:
        return
    apps.delete()
    keys.delete()
    if not has_factor(account_id):
        RecoveryCode.objects.filter(account_id=account_id).delete()
    name = ", ".join(names)
    record("factors.removed", account_id=account_id, act=act, name=name)


def trust(account_id: UUID, *, browser: str, act: Act) -> None:
    """Ask this browser for no second factor for thirty days."""
    TrustedBrowser.objects.update_or_create(
        account_id=account_id,
        digest=tokens.digest(browser),
        defaults={
            "browser": act.origin.browser[:120],
            "created_at": act.now,
            "expires_at": act.now + settings.NICHANDLE_TRUST_DAYS,
        },
    )


def end_trust(account_id: UUID) -> int:
    """Trust no browser any more; returns how many were trusted."""
    ended, _rows = TrustedBrowser.objects.filter(account_id=account_id).delete()
    return ended


def renew_seeds(*, after: int = 0) -> int:
    """
    Seal some hundreds of apps' seeds anew with the current secret, those that an older one sealed.

    Returns the key to go on after, 0 at the end; once all are renewed the older secret may go.
    """
    rows = Totp.objects.filter(pk__gt=after).order_by("pk").values_list("pk", "seed")[:AT_ONCE]
    last, count = 0, 0
    for last, seed in rows:
        count += 1
        try:
            renewed = tokens.renewed(seed, totp.SEED)
        except tokens.NotSealed:
            continue
        if renewed is not None:
            Totp.objects.filter(pk=last, seed=seed).update(seed=renewed)
    return last if count == AT_ONCE else 0


def clear_old(*, now: datetime) -> int:
    """Delete trust that has ended and challenges too old to be answered."""
    ended, _rows = TrustedBrowser.objects.filter(expires_at__lt=now).delete()
    spent = SpentChallenge.objects.filter(spent_at__lt=now - 2 * ceremony.PAGE_STANDS)
    return ended + spent.delete()[0]


def _prove_app(account_id: UUID, code: str, now: datetime) -> Proof | None:
    code = totp.digits_of(code)
    fitting: Sequence[tuple[Totp, int]] = [
        (app, step)
        for app in Totp.objects.filter(account_id=account_id).order_by("pk")
        if (seed := _seed(app))
        and (step := totp.matching_step(seed, code, after=app.last_step, now=now))
    ]
    if not fitting:
        return None
    app, step = fitting[0]
    app.last_step, app.last_used_at = step, now
    app.save(update_fields=["last_step", "last_used_at"])
    return Proof("app", app.name, app.created_at, app.at_creation, app.pk)


def _seed(app: Totp) -> str:
    """Return an app's seed; empty when the secret that sealed it is no longer listed."""
    try:
        return tokens.unseal(app.seed, totp.SEED)
    except tokens.NotSealed:
        return ""


def _prove_code(account_id: UUID, typed: str, now: datetime) -> Proof | None:
    code = recovery_codes.find(account_id, typed)
    if code is None:
        return None
    code.used_at = now
    code.save(update_fields=["used_at"])
    return Proof("code", "", code.created_at, code.at_creation)


def _at_creation(account: Account, now: datetime) -> bool:
    return account.opened_at is None or now - account.opened_at < AT_CREATION_FOR


def _named(name: str) -> str:
    return clean(name)[:NAME_LENGTH]
