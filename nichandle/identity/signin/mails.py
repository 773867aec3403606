"""The mails about signing in that have a rule of their own."""

from typing import Protocol
from uuid import UUID

from nichandle.identity.accounts.letterhead import Reader, reader, write, writing
from nichandle.identity.accounts.models import Account
from nichandle.identity.signin.models import Challenge
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import Statement, run_together
from nichandle.platform.outbox.operations import supersede


class SignInFacts(Protocol):
    """What is worth telling of a sign-in: see ``browsers.SeenBefore``."""

    @property
    def new_place(self) -> bool: ...
    @property
    def browser(self) -> bool: ...
    @property
    def network(self) -> bool: ...
    @property
    def failures(self) -> int: ...


def signed_in(account_id: UUID, found: SignInFacts, *, act: Act) -> None:
    """Tell the primary address what is new about a sign-in; nothing where each one is told."""
    run_together(telling(reader(account_id), found, act=act))


def telling(reader: Reader, found: SignInFacts, *, act: Act) -> list[Statement]:
    """Return the statements of ``signed_in``, to be sent with those of the sign-in."""
    facts = {
        "new_browser": found.new_place and not found.browser,
        "new_network": found.new_place and not found.network,
        "failures": found.failures,
    }
    template, event = "signin/mail/new_place", "signin.succeeded"
    return writing(reader, template, facts=facts, event=event, act=act)


def code(account: Account, challenge: Challenge, *, code: str, act: Act) -> None:
    """Write the code that an unknown browser asks for in place of the one that still waits."""
    supersede(template="signin/mail/code", account_id=account.pk, now=act.now)
    write(
        account,
        "signin/mail/code",
        to=[challenge.sent_to],
        secrets={"code": code},
        event="signin.code_sent",
        expires_at=challenge.code_expires_at,
        act=act,
    )
