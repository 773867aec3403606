"""Setting factors up and taking them away: other sessions end, every address is told."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts import passwords
from nichandle.identity.accounts.letterhead import write
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.operations import set_password
from nichandle.identity.accounts.queries import lock_account
from nichandle.identity.factors import operations as factors
from nichandle.identity.factors.answers import Answer
from nichandle.identity.factors.models import ESTABLISHED_AFTER, SecurityKey, Totp
from nichandle.identity.factors.operations import KeyCloned, Proof, SetupNotValid
from nichandle.identity.factors.queries import factors_of
from nichandle.identity.factors.totp import opened_setup
from nichandle.identity.pauses import operations as pauses
from nichandle.identity.signin.authentication import guesses
from nichandle.identity.signin.authentication.second_step import tell_cloned, tell_moved
from nichandle.identity.signin.credentials.password import accepted
from nichandle.identity.signin.sessions.ending import close_others
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel.counted import counting
from nichandle.platform.kernel.database import run_together
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording.figures import Duration, with_figures
from nichandle.platform.limits.operations import left, spending


class ProofWrong(Refused):
    code = "factors.proof_wrong"
    message = _("This was not right. Tries left: %(left)s. Try again, or use another method.")
    field = "code"
    counted = True


class ProofTooYoung(Refused):
    """Otherwise a thief would add a factor of their own and take the owner's away with it."""

    code = "factors.proof_too_young"
    message = with_figures(
        _("This proof is younger than %(time)s: it cannot remove an older factor."),
        time=Duration(ESTABLISHED_AFTER, "than", in_words=True),
    )
    field = "code"


class CodesOlder(Refused):
    """Otherwise a thief's own factor would take the owner's codes away, the owner's way back."""

    code = "factors.codes_older"
    message = with_figures(
        _("This proof is younger than %(time)s: it cannot void recovery codes older than it."),
        time=Duration(ESTABLISHED_AFTER, "than", in_words=True),
    )
    field = "code"


class FactorGone(Refused):
    code = "factors.gone"
    message = _("This factor is no longer there.")
    status = 404


class LongPasswordNeeded(Refused):
    code = "factors.long_password_needed"
    message = with_figures(
        _("Without a factor your password must have %(count)s characters: choose a longer one."),
        count=passwords.MINIMUM_LENGTH,
    )
    field = "password"


def add_app(
    account_id: UUID, *, sealed: str, name: str, code: str, key: str, visit: Visit
) -> list[str]:
    """
    Set up an authenticator app with the first code it shows; ``key`` is the session that stays.

    With the first factor come recovery codes: they are returned, else nothing is.

    :raises SetupNotValid: when the page was open for too long
    :raises SetUpAlready: when it was sent twice
    :raises CodeNotRight: when the code does not fit what was scanned
    :raises TooManyFactors: when there are very many already
    :raises Paused: while a pause runs
    """
    setup = opened_setup(sealed, account_id, now=visit.now)
    if setup is None:
        raise SetupNotValid
    with transaction.atomic():
        account, first = _begin(account_id, visit)
        made = factors.add_totp(account, setup=setup, name=name, code=code, now=visit.now)
        return _added(account, made, first=first, key=key, visit=visit)


def add_key(
    account_id: UUID, *, response: str, state: str, name: str, key: str, visit: Visit
) -> list[str]:
    """
    Set up a security key or passkey with its answer; ``key`` is the session that stays.

    With the first factor come recovery codes: they are returned, else nothing is.

    :raises KeyNotRight: when the answer is not one to our question, from our site
    :raises KeyTooLate: when the question is too old
    :raises SetUpAlready: when the account has it already
    :raises KeyKnown: when another account has
    :raises TooManyFactors: when there are very many already
    :raises Paused: while a pause runs
    """
    with transaction.atomic():
        account, first = _begin(account_id, visit)
        made = factors.add_key(account, response=response, state=state, name=name, now=visit.now)
        return _added(account, made, first=first, key=key, visit=visit)


def rename(account_id: UUID, *, kind: str, factor_id: int, name: str, visit: Visit) -> None:
    """
    Give a factor another name.

    :raises FactorGone: when the account has no such factor
    """
    with transaction.atomic():
        lock_account(account_id)
        factor = _find(account_id, kind, factor_id)
        before = factor.name
        factors.rename(factor, name)
        changes = {"name": [before, factor.name]}
        record(
            "factors.renamed",
            account_id=account_id,
            act=visit,
            changes=changes,
        )


def remove(
    account_id: UUID,
    *,
    kind: str,
    factor_id: int,
    answer: Answer,
    password: str,
    key: str,
    visit: Visit,
) -> None:
    """
    Take a factor away, against any other valid factor or a recovery code.

    With the last one, ``password`` must be a new one of 15 characters when the present one is of
    the short class. ``key`` is the session that stays.

    :raises Paused: while a pause runs
    :raises FactorGone: when the account has no such factor
    :raises ProofWrong, KeyCloned: counted
    :raises ProofTooYoung: when the proof may not act against an older factor
    :raises LongPasswordNeeded: when the new password is missing
    :raises Exhausted: after too many wrong proofs
    """
    hashed = accepted(password, account_id=account_id, act=visit, alone=True) if password else None
    with counting():
        account = lock_account(account_id)
        pauses.require(account_id, "factor.remove", now=visit.now)
        factor = _find(account_id, kind, factor_id)
        last = factors_of(account_id).count == 1
        if last and hashed is None and account.password_length_class == passwords.SHORT:
            raise LongPasswordNeeded
        proof = proven(account_id, answer, visit=visit)
        if not proof.may_remove(factor, visit.now):
            raise ProofTooYoung
        if last and hashed:
            set_password(account_id=account_id, encoded=hashed[0], length_class=hashed[1])
        _removed(account, factor, last=last, key=key, visit=visit)


def make_codes(account_id: UUID, *, answer: Answer, key: str, visit: Visit) -> list[str]:
    """
    Make new recovery codes against a factor or a code of the set before, which is void then.

    :raises Paused: while a pause runs
    :raises FactorGone: when the account has no factor, and so no use for codes
    :raises CodesOlder: when the proof is young and the set before is older
    :raises ProofWrong: counted
    :raises KeyCloned: counted; the owner is told
    :raises Exhausted: after too many wrong proofs
    """
    with counting():
        account = lock_account(account_id)
        pauses.require(account_id, "factor.add", now=visit.now)
        present = factors_of(account_id)
        if not present.any:
            raise FactorGone
        made_at = present.codes_made_at if present.codes_left else None
        proof = proven(account_id, answer, visit=visit)
        if not proof.may_replace_codes(made_at, visit.now):
            raise CodesOlder
        codes = factors.make_codes(account, now=visit.now)
        close_others(account_id, key)
        record("factors.codes_made", account_id=account_id, act=visit)
        write(
            account,
            "signin/mail/codes_made",
            event="factors.codes_made",
            act=visit,
        )
        return codes


@transaction.atomic
def end_trust(account_id: UUID, *, visit: Visit) -> int:
    """Trust no browser any more: each asks for a factor again; returns how many were trusted."""
    ended = factors.end_trust(account_id)
    if ended:
        record("factors.trust_ended", account_id=account_id, act=visit)
    return ended


def purpose_of(account_id: UUID) -> str:
    """Return what a key is asked for when it is to prove its owner for a change of factors."""
    return f"factors {account_id}"


def _begin(account_id: UUID, visit: Visit) -> tuple[Account, bool]:
    account = lock_account(account_id)
    pauses.require(account_id, "factor.add", now=visit.now)
    present = factors_of(account_id)
    factors.room_for_one(present)
    return account, not present.any


def _added(
    account: Account, made: Totp | SecurityKey, *, first: bool, key: str, visit: Visit
) -> list[str]:
    codes = factors.make_codes(account, now=visit.now) if first else []
    close_others(account.pk, key)
    record("factors.added", account_id=account.pk, act=visit, name=made.name)
    write(
        account,
        "signin/mail/factor_added",
        facts={"name": made.name},
        event="factors.added",
        act=visit,
    )
    return codes


def _removed(
    account: Account, factor: Totp | SecurityKey, *, last: bool, key: str, visit: Visit
) -> None:
    name = factor.name
    factors.remove(factor, last=last)
    close_others(account.pk, key)
    record("factors.removed", account_id=account.pk, act=visit, name=name)
    write(
        account,
        "signin/mail/factor_removed",
        facts={"name": name, "last": last},
        event="factors.removed",
        act=visit,
    )


def _find(account_id: UUID, kind: str, factor_id: int) -> Totp | SecurityKey:
    factor = factors_of(account_id).find(kind, factor_id)
    if factor is None:
        raise FactorGone
    return factor


def proven(account_id: UUID, answer: Answer, *, visit: Visit) -> Proof:
    """
    Return the proof of an act on factors or pauses; a wrong one is counted.

    Call it inside ``counting``, with the account's row locked.

    :raises ProofWrong: counted
    :raises KeyCloned: counted; the owner is told
    :raises AppClosed: after a hundred wrong codes of an app in a row
    :raises Exhausted: after too many wrong proofs
    """
    guessed = guesses.of_app(answer, guesses.signed_in(account_id))
    guesses.check(("factors.proof", str(account_id)), *guessed, now=visit.now)
    try:
        proof = factors.prove(account_id, answer, purpose=purpose_of(account_id), now=visit.now)
    except KeyCloned as cloned:
        tell_cloned(cloned, visit)
        _count_wrong(account_id, guessed, visit)
        raise
    if proof is None:
        _count_wrong(account_id, guessed, visit)
        raise ProofWrong(left=left("factors.proof", key=str(account_id), now=visit.now))
    guesses.forget(guessed)
    tell_moved(account_id, proof, act=visit)
    return proof


def _count_wrong(account_id: UUID, guessed: list[guesses.Wanted], visit: Visit) -> None:
    counted = [spending("factors.proof", key=str(account_id), now=visit.now)]
    run_together([*counted, *guesses.counting(guessed, now=visit.now)])
    record("factors.proof_wrong", account_id=account_id, act=visit)
