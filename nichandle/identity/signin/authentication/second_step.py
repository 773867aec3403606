"""The second step of signing in: a factor, or the code mailed to an unknown browser."""

from dataclasses import replace
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.letterhead import write
from nichandle.identity.accounts.queries import lock_account, may_act, profile
from nichandle.identity.factors import operations as factors
from nichandle.identity.factors.answers import Answer
from nichandle.identity.factors.ceremony import KeyNotRight, KeyTooLate
from nichandle.identity.factors.operations import KeyCloned
from nichandle.identity.factors.queries import factors_of, has_factor
from nichandle.identity.signin.authentication import allowances, challenges, guesses
from nichandle.identity.signin.authentication.admission import Entered, admit
from nichandle.identity.signin.authentication.challenges import (
    StepCodeWrong,
    StepGone,
    challenge_of,
)
from nichandle.identity.signin.models import Challenge
from nichandle.identity.signin.recognition import browsers
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.counted import counting
from nichandle.platform.kernel.database import run_together
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.limits.operations import check, spending


class FactorWrong(Refused):
    """Says how many tries are left; the page offers the other methods beside it."""

    code = "signin.factor_wrong"
    message = _("This was not right. Tries left: %(left)s. Try again, or use another method.")
    field = "code"
    counted = True


def purpose_of(challenge: Challenge) -> str:
    """Return what a key is asked for: its answer to one sign-in is worth nothing in another."""
    return f"signin {challenge.digest}"


def give_factor(secret: str, answer: Answer, visit: Visit, *, trust: bool) -> Entered:
    """
    Prove a factor and be signed in; ``trust`` asks this browser for none for thirty days.

    Wrong tries are counted for this sign-in and, whatever sign-in they belong to, for the account;
    a browser known to it apart.

    :raises StepGone: when this browser has no second step to make, or no try left
    :raises FactorWrong: counted; says how many tries are left
    :raises KeyTooLate: when the question to the key is too old
    :raises KeyCloned: counted; the owner is told
    :raises AppClosed: after a hundred wrong codes of an app in a row
    :raises Exhausted: after too many wrong ones for the account
    """
    waiting = _waiting(secret, Challenge.Step.FACTOR, visit)
    account_id = waiting.account_id
    found = _seen(waiting, visit)
    key = f"{account_id} {visit.browser}" if found.browser else str(account_id)
    with counting():
        challenge = challenges.lock_challenge(waiting, now=visit.now)
        # With the row locked, so that simultaneous guesses do not all pass.
        guessed = guesses.of_app(answer, key)
        guesses.check(("signin.factor", key), *guessed, now=visit.now)
        spent = [spending("signin.factor", key=key, now=visit.now)]
        spent += guesses.counting(guessed, now=visit.now)
        try:
            purpose = purpose_of(challenge)
            proof = factors.prove(account_id, answer, purpose=purpose, now=visit.now)
        except KeyCloned as cloned:
            tell_cloned(cloned, visit)
            run_together(spent)
            raise
        if proof is None:
            left = _count_wrong(challenge, visit)
            run_together(spent)
            raise FactorWrong(left=left) if left else StepGone(counted=True)
        guesses.forget(guessed)
        return _passed(challenge, proof, found, visit, trust=trust)


def give_code(secret: str, code: str, visit: Visit) -> Entered:
    """
    Give the code that was mailed because the browser is unknown, and be signed in.

    :raises StepGone: when this browser has no second step to make, or no try left
    :raises StepCodeWrong: counted; says how many tries are left
    :raises Exhausted: after too many wrong ones for the account
    """
    waiting = _waiting(secret, Challenge.Step.CODE, visit)
    found, key = _seen(waiting, visit), str(waiting.account_id)
    with counting():
        challenge = challenges.lock_challenge(waiting, now=visit.now)
        if has_factor(waiting.account_id):
            # Set up since: a mailed code does not stand for it.
            raise StepGone
        if not may_act(waiting.account_id, challenge.sent_to, now=visit.now):
            # Removed since: its mailbox is not the account's any more.
            raise StepGone
        check(("signin.code", key), now=visit.now)
        if challenge.code.fits(code, now=visit.now):
            return _complete(challenge, found, visit, method="mail")
        left = challenges.count_wrong(challenge, act=visit)
        run_together([spending("signin.code", key=key, now=visit.now)])
        record(
            "signin.code_wrong",
            account_id=waiting.account_id,
            act=visit,
        )
        raise StepCodeWrong(left=left) if left else StepGone(counted=True)


def enter_by_passkey(answer: Answer, visit: Visit) -> Entered:
    """
    Sign in with a passkey alone, which has made sure of its owner: both steps in one.

    Unknown keys and wrong answers are the same refusal, counted for the key's account or, where
    it is nobody's, for the network; no password's allowance is asked, so that strangers' failures
    never close this way in.

    :raises KeyNotRight: when it does not open an account; counted
    :raises KeyTooLate: when the page was open for too long
    :raises KeyCloned: counted; the owner is told
    :raises Exhausted: after too many failures
    """
    now = visit.now
    account_id = factors.owner_of(answer)
    key = str(account_id) if account_id else visit.origin.network
    check(("signin.passkey", key), now=now)
    try:
        if account_id is None:
            raise KeyNotRight
        return _try_passkey(account_id, answer, visit)
    except (KeyNotRight, KeyTooLate, KeyCloned):
        # By itself: there is no account to lock for a key that is nobody's.
        run_together([spending("signin.passkey", key=key, now=now)])
        raise


def _try_passkey(account_id: UUID, answer: Answer, visit: Visit) -> Entered:
    browser, now = visit.browser, visit.now
    found = browsers.seen(account_id, browser=browser, act=visit)
    before = allowances.before_passkey(account_id, browser, now=now)
    found = replace(found, failures=allowances.failures_to_tell(account_id, before, now))
    with counting():
        account = lock_account(account_id)
        if account.state == account.State.CLOSED:
            raise KeyNotRight
        try:
            proof = factors.prove_key(account_id, answer, purpose="passkey", verified=True, now=now)
        except KeyCloned as cloned:
            tell_cloned(cloned, visit)
            raise
        tell_moved(account_id, proof, act=visit)
        opening = account.state == account.State.OPENING
        method = proof.name or "passkey"
        return admit(account_id, found, visit, stay=False, opening=opening, method=method)


def tell_cloned(cloned: KeyCloned, visit: Visit) -> None:
    """Leave the trace of a copied key and tell its owner; inside the caller's transaction."""
    account_id = cloned.key.account_id
    record("factors.cloned", account_id=account_id, act=visit, name=cloned.key.name)
    write(
        profile(account_id),
        "signin/mail/key_cloned",
        facts={"name": cloned.key.name},
        event="factors.cloned",
        act=visit,
    )


def tell_moved(account_id: UUID, proof: factors.Proof, *, act: Act) -> None:
    """Leave the trace of a passkey that came from another place, and tell its owner, once."""
    if not proof.moved:
        return
    record("factors.moved", account_id=account_id, act=act, name=proof.name)
    write(
        profile(account_id),
        "signin/mail/key_moved",
        facts={"name": proof.name},
        event="factors.moved",
        act=act,
    )


def tell_code_used(account_id: UUID, *, act: Act) -> None:
    """Leave the trace of a recovery code and tell its owner; inside the caller's transaction."""
    record("factors.code_used", account_id=account_id, act=act)
    write(
        profile(account_id),
        "signin/mail/code_used",
        facts={"left": factors_of(account_id).codes_left},
        event="factors.code_used",
        act=act,
    )


def _passed(
    challenge: Challenge,
    proof: factors.Proof,
    found: browsers.SeenBefore,
    visit: Visit,
    *,
    trust: bool,
) -> Entered:
    account_id = challenge.account_id
    tell_moved(account_id, proof, act=visit)
    if proof.method == "code":
        tell_code_used(account_id, act=visit)
    entered = _complete(challenge, found, visit, method=proof.name or proof.method)
    if trust:
        factors.trust(account_id, browser=entered.session.browser, act=visit)
        record("factors.trusted", account_id=account_id, act=visit)
    return entered


def _count_wrong(challenge: Challenge, visit: Visit) -> int:
    """Count a wrong factor for its sign-in; return how many tries are left."""
    left = challenges.count_wrong(challenge, act=visit)
    record(
        "signin.factor_wrong",
        account_id=challenge.account_id,
        act=visit,
    )
    return left


def _complete(
    challenge: Challenge, found: browsers.SeenBefore, visit: Visit, *, method: str
) -> Entered:
    account = profile(challenge.account_id)
    opening = account.state == account.State.OPENING
    entered = admit(
        account.pk,
        found,
        visit,
        stay=challenge.stay,
        opening=opening,
        caused_by=challenge.sent_to,
        method=method,
    )
    challenges.forget(challenge)
    return entered


def _seen(waiting: Challenge, visit: Visit) -> browsers.SeenBefore:
    found = browsers.seen(waiting.account_id, browser=visit.browser, act=visit)
    return replace(found, failures=waiting.failures)


def _waiting(secret: str, step: Challenge.Step, visit: Visit) -> Challenge:
    waiting = challenge_of(secret, now=visit.now)
    if waiting is None or waiting.step != step:
        raise StepGone
    return waiting
