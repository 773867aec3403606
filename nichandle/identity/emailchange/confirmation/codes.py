"""The code by which the current address approves a change: made and mailed."""

from nichandle.identity.accounts.models import Account
from nichandle.identity.emailchange import telling
from nichandle.identity.emailchange.models import Change
from nichandle.platform.kernel.act import Act


def send(account: Account, change: Change, *, act: Act) -> None:
    """Mail a new code to the current address; the one before is void."""
    change.codes_sent += 1
    send_anew(account, change, act=act)


def send_anew(account: Account, change: Change, *, act: Act) -> None:
    """Mail a code in place of one that never left: it is not one of the few that may be asked."""
    code = change.code.issue(until=change.lapses_at)
    change.save(update_fields=["codes_sent", "code_digest"])
    telling.send_code(account, change, code=code, act=act)
