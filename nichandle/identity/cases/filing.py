"""
A visitor files a case, step by step: new address proven by its code, holder, papers, sent.

Nothing here looks for the account that is meant, so that known and unknown cost the same; whose
account it is the worker finds out, afterwards. The link's secret binds a filing to who began it.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from nichandle.identity.accounts import primary
from nichandle.identity.accounts.queries import by_address_key, lock_account
from nichandle.identity.cases import clock, mails
from nichandle.identity.cases.errors import (
    AddressOpensAnAccount,
    CaseCodeSpent,
    CaseCodeWrong,
    CaseOver,
    CaseSentOften,
    CasesRunAlready,
    FilingGone,
)
from nichandle.identity.cases.keeping import sealing
from nichandle.identity.cases.keeping.numbers import draw
from nichandle.identity.cases.kinds import KINDS
from nichandle.identity.cases.ledger import record
from nichandle.identity.cases.models import Case, Paper
from nichandle.identity.cases.queries import RUNNING, lock_case, of_secret
from nichandle.identity.cases.review import crowding
from nichandle.identity.cases.review.decisions import refuse_by_itself
from nichandle.platform.kernel import addresses, tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.counted import counting
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.limits.mailboxes import spend_mail
from nichandle.platform.limits.operations import spend

CODE_LIFETIME = timedelta(minutes=30)
WRONG_CODES = 5
SENDINGS = 4
"""The first one and three more."""
TYPED = "identifier typed for a case"


def begin(
    *, kind: str, typed: str, address: str, language: str, stranger: bool = True, act: Act
) -> str:
    """
    Begin a case and mail the code that proves the new address; return the secret of its link.

    ``stranger`` unless who begins it is signed in to the account it is about.

    :raises Exhausted: after too many from one network or for one address
    :raises CasesRunAlready: when one network has opened several about what was typed
    :raises KeyError: when cases of this kind are not filed
    """
    if not KINDS[kind].procedure:
        raise KeyError(kind)
    key = addresses.key(address)
    spend("case.network", key=act.origin.network, now=act.now)
    named = crowding.named(typed, network=act.origin.network) if stranger else ""
    if crowding.crowded(named):
        raise CasesRunAlready
    _spend_mail(address, act)
    secret = tokens.mint()
    with transaction.atomic():
        case = Case.objects.create(
            number=draw(),
            kind=kind,
            state=Case.State.FILING,
            secret_digest=secret.digest,
            typed=tokens.seal(typed, TYPED),
            named=named,
            new_address=address,
            new_key=key,
            language=language,
            ip=act.origin.ip,
            agent=act.origin.agent,
            key=sealing.new_key(),
            created_at=act.now,
        )
        _send_code(case, act=act)
    return secret.secret


def send_again(*, secret: str, act: Act) -> None:
    """
    Mail a new code; the one before is void.

    :raises FilingGone: when no case is being filed under this secret
    :raises CaseSentOften: after the third time
    :raises Exhausted: after too many mails to one address
    """
    found = filing(secret, now=act.now)
    if found is None:
        raise FilingGone
    if found.codes_sent >= SENDINGS:
        raise CaseSentOften
    _spend_mail(found.new_address, act)
    with transaction.atomic():
        case = _locked_case(secret, act.now)
        if case.codes_sent >= SENDINGS:
            raise CaseSentOften
        if case.new_proven_at is None:
            case.wrong_codes = 0
            _send_code(case, act=act)


def prove(*, secret: str, code: str, act: Act) -> None:
    """
    Prove the new address with its code.

    :raises FilingGone: when no case is being filed under this secret
    :raises CaseCodeWrong: counted; says how many tries are left
    :raises CaseCodeSpent: when the code is too old or was tried too often
    :raises AddressOpensAnAccount: when the address proven is an account's already
    """
    with counting():
        case = _locked_case(secret, act.now)
        if case.new_proven_at is not None:
            return
        if case.wrong_codes >= WRONG_CODES or case.code.expired(act.now):
            raise CaseCodeSpent
        if case.code.fits(code, now=act.now):
            _refuse_in_use(case)
            case.new_proven_at = act.now
            case.code.spend()
            case.save(update_fields=["new_proven_at", "code_digest"])
            return
        case.wrong_codes += 1
        case.save(update_fields=["wrong_codes"])
        left = WRONG_CODES - case.wrong_codes
        raise CaseCodeWrong(left=left) if left else CaseCodeSpent(counted=True)


@transaction.atomic
def describe(*, secret: str, holder: str, words: str, now: datetime) -> None:
    """
    Note who the holder is and what happened, in the person's words, sealed like the papers.

    :raises FilingGone: when no case is being filed under this secret, or its address is not proven
    """
    case = _locked_proven(secret, now)
    case.holder = holder
    case.words = sealing.seal_words(case, words)
    case.save(update_fields=["holder", "words"])


@transaction.atomic
def send(*, secret: str, act: Act) -> Case:
    """
    Send the case to the reviewers; its number and link are mailed to the new address.

    :raises FilingGone: when no case is being filed under this secret, or something is missing
    """
    case = _locked_proven(secret, act.now)
    if not case.holder:
        raise FilingGone
    case.state, case.opened_at = Case.State.OPEN, act.now
    case.ip, case.agent = act.origin.ip, act.origin.agent
    case.save(update_fields=["state", "opened_at", "ip", "agent"])
    link = {"secret": secret}
    mails.to_claimant(case, "cases/mail/received", secrets=link, act=act)
    return case


@transaction.atomic
def identify(*, number: str, account_id: UUID | None, now: datetime) -> None:
    """
    Say whose account a case is about, None for nobody's: every known address is told.

    Done once, by the worker; the visitor's page is the same either way.
    """
    account = lock_account(account_id) if account_id else None
    case = locked(Case.objects.filter(number=number)).get()
    if case.identified_at is not None or case.state != Case.State.OPEN:
        return
    if crowding.crowded(case.named, before=case):
        case.identified_at = now
        case.save(update_fields=["identified_at"])
        refuse_by_itself(case, account=None, reason="already_many", now=now)
        return
    case.account_id, case.identified_at = account_id, now
    case.save(update_fields=["account_id", "identified_at"])
    owners = primary.owners([case.new_key], now=now).get(case.new_key, set())
    if owners - {account_id}:
        refuse_by_itself(case, account=None, reason="address_in_use", now=now)
        return
    if account is not None:
        record("case.opened", case, act=Act(Origin(case.ip, case.agent), now), kind=case.kind)
        crowding.tell(account, case, now=now)


def withdraw(*, secret: str, act: Act) -> None:
    """
    Withdraw a case; its papers are erased at once.

    :raises CaseOver: when it is closed already
    """
    found = of_secret(secret)
    if found is None:
        raise CaseOver
    with transaction.atomic():
        case = lock_case(found)
        if case.state not in {*RUNNING, Case.State.FILING}:
            raise CaseOver
        case.state, case.due_at, case.ended_at = Case.State.WITHDRAWN, None, act.now
        case.save(update_fields=["state", "due_at", "ended_at"])
        sealing.destroy(case)
        record("case.withdrawn", case, act=act)


def send_link(*, number: str, address: str, act: Act) -> None:
    """Mail a new link to the page of a case, if this is its address; the older link is void."""
    found = Case.objects.filter(number=number, new_key=addresses.key(address))
    with transaction.atomic():
        case = locked(found.exclude(opened_at=None)).first()
        if case is None:
            return
        secret = tokens.mint()
        case.secret_digest = secret.digest
        case.save(update_fields=["secret_digest"])
        link = {"secret": secret.secret}
        mails.to_claimant(case, "cases/mail/link", secrets=link, act=act)


def typed_in(number: str) -> str:
    """Return the identifier or address by which a visitor named the account."""
    return tokens.unseal(Case.objects.values_list("typed", flat=True).get(number=number), TYPED)


def filing(secret: str, *, now: datetime) -> Case | None:
    """Return the case being filed under a secret; None when there is none."""
    case = of_secret(secret)
    return case if case is not None and _being_filed(case, now) else None


def clear_old(*, now: datetime) -> int:
    """Delete what was never sent, and return how many there were."""
    old = Case.objects.filter(state=Case.State.FILING, created_at__lt=now - clock.FILING_KEPT)
    Paper.objects.filter(case__in=old).delete()
    deleted, _by_model = old.delete()
    return deleted


def _being_filed(case: Case, now: datetime) -> bool:
    return case.state == Case.State.FILING and now - case.created_at < clock.FILING_KEPT


def _locked_case(secret: str, now: datetime) -> Case:
    case = locked(Case.objects.filter(secret_digest=tokens.digest(secret))).first()
    if case is None or not _being_filed(case, now):
        raise FilingGone
    return case


def _locked_proven(secret: str, now: datetime) -> Case:
    case = _locked_case(secret, now)
    if case.new_proven_at is None:
        raise FilingGone
    return case


def _refuse_in_use(case: Case) -> None:
    """
    Refuse an address that opens an account, unless only the factor is lost: it may stay.

    One that is kept for an account may be this account's own, of before a thief changed it; whose
    it is the worker judges, who knows which account is meant.
    """
    if case.kind != "factor_lost" and by_address_key(case.new_key) is not None:
        raise AddressOpensAnAccount


def _spend_mail(address: str, act: Act) -> None:
    spend_mail(
        "case.address",
        mailbox=addresses.mailbox(address),
        network=act.origin.network,
        now=act.now,
    )


def _send_code(case: Case, *, act: Act) -> None:
    case.codes_sent += 1
    code = case.code.issue(until=act.now + CODE_LIFETIME)
    minutes = int(CODE_LIFETIME.total_seconds() // 60)
    sent = mails.to_claimant(
        case,
        "cases/mail/code",
        facts={"minutes": minutes},
        secrets={"code": code},
        expires_at=case.code_expires_at,
        # Not from where: by a slip of the pen the address is a stranger's.
        act=Act.by_itself(act.now),
    )
    case.mail_id = sent.pk
    columns = ["codes_sent", "wrong_codes", "code_digest", "code_expires_at", "mail_id"]
    case.save(update_fields=columns)
