"""The notices to every known address of an account, and what becomes of them."""

from datetime import datetime, timedelta
from uuid import UUID

from nichandle.identity.accounts.contest import contesting_addresses
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import known_addresses, profile
from nichandle.identity.cases import clock, mails
from nichandle.identity.cases.models import Case, Notice, Objection
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.origin import NOWHERE, Origin
from nichandle.platform.outbox.models import Mail
from nichandle.platform.outbox.operations import GIVE_UP_AFTER

WRITTEN_AGAIN_AFTER = timedelta(days=1)
"""A mail that ended sooner could not be made at all: once more would not help."""


def tell(account: Account, case: Case, *, others: int = 0, now: datetime) -> None:
    """
    Write the notices of a round; each address that may object gets a link of its own.

    ``others`` is how many more run about the account, told of with this one.
    Links of earlier rounds go on working: who finds the older mail first objects as well.
    """
    deciding = contesting_addresses(account, now=now)
    for address in known_addresses(account, now=now):
        secrets, digest = _link(address in deciding)
        notice = Notice(
            case=case,
            round=case.round,
            address=address,
            primary=address == account.email,
            digest=digest,
        )
        notice.mail_id = _write(account, notice, secrets, now, others=others).pk
        notice.save(force_insert=True)


def void_all(account_id: UUID) -> None:
    """End the links of every notice about an account."""
    Notice.objects.filter(case__account_id=account_id).update(digest=None)


def set_due(case: Case) -> None:
    """Reckon anew when an approved case takes effect; the caller holds it, and saves it."""
    objections = Objection.objects.filter(case=case).exists()
    notices = list(Notice.objects.filter(case=case))
    case.due_at = clock.due_at(case, notices, objections=objections)


def hear(mail: Mail, now: datetime) -> None:
    """Note that a notice was delivered, and set the clock; write it anew when mail was away."""
    notice = Notice.objects.filter(mail_id=mail.pk).first()
    if notice is None:
        return
    # The case is locked first, so that two notices that end at once are both reckoned with.
    case = locked(Case.objects.filter(pk=notice.case_id)).get()
    given_up = _put_off_to_the_end(mail, now)
    if given_up or mail.state in {Mail.State.SENT, Mail.State.BOUNCED}:
        notice.accepted_at, notice.given_up = mail.accepted_at, given_up
        notice.settled_at = now
        notice.save(update_fields=["accepted_at", "settled_at", "given_up"])
    elif _worth_writing_again(case, notice, mail, now):
        _write_again(case, notice, now)
    if case.state == Case.State.APPROVED:
        set_due(case)
        case.save(update_fields=["due_at"])


def _put_off_to_the_end(mail: Mail, now: datetime) -> bool:
    """
    Tell whether the mailbox's own server has put a mail off until it was given up.

    A full mailbox, or a dying one, is what people lose their address by: it must not keep them out
    for ever. While our own way out is shut nothing has been tried (no attempt is left counted), and
    silence does not count.
    """
    over = now - mail.created_at >= GIVE_UP_AFTER
    return mail.state == Mail.State.FAILED and over and mail.attempts > 0


def _worth_writing_again(case: Case, notice: Notice, mail: Mail, now: datetime) -> bool:
    of_now = case.state == Case.State.APPROVED and notice.round == case.round
    return of_now and now - mail.created_at >= WRITTEN_AGAIN_AFTER


def _write_again(case: Case, notice: Notice, now: datetime) -> None:
    assert case.account_id is not None
    secrets, notice.digest = _link(notice.digest is not None)
    notice.case = case
    notice.mail_id = _write(profile(case.account_id), notice, secrets, now).pk
    notice.save(update_fields=["mail_id", "digest"])


def _link(wanted: bool) -> tuple[dict[str, str], str | None]:
    if not wanted:
        return {}, None
    minted = tokens.mint()
    return {"notice": minted.secret}, minted.digest


def _write(
    account: Account, notice: Notice, secrets: dict[str, str], now: datetime, *, others: int = 0
) -> Mail:
    """Tell an address of an opened case and from where it was; of an approved one after that."""
    case, to = notice.case, [notice.address]
    template, origin = "cases/mail/opened", Origin(case.ip, case.agent)
    if notice.round:
        template, origin = "cases/mail/approved", NOWHERE
    (mail,) = mails.to_account(
        account, case, template, to=to, others=others, secrets=secrets, act=Act(origin, now)
    )
    return mail
