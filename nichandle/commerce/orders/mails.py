"""The mails of this room. Each states the identifier, and the order by its number."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from nichandle.commerce.orders.models import Order, OrderLine, Withdrawal
from nichandle.identity.accounts.letterhead import write
from nichandle.identity.accounts.models import Account
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.money import Money


def placed(account: Account, order: Order, lines: Iterable[OrderLine], *, act: Act) -> None:
    """Confirm an order with all that was agreed (code de la consommation, L221-13)."""
    facts = {
        **_sums(order),
        "lines": [_line(line, order) for line in lines],
        "due_at": order.due_at.isoformat(),
        "terms": [f"{each['title']} ({each['version']})" for each in order.terms["terms"]],
        "consumer": order.consumer,
        "free": not order.gross_minor,
    }
    _write(account, order, "orders/mail/placed", facts, act)


def paid(account: Account, order: Order, amount: Money, *, act: Act) -> None:
    _write(account, order, "orders/mail/paid", {"gross": amount.shown(order.language)}, act)


def delivered(account: Account, order: Order, names: Sequence[str], *, act: Act) -> None:
    facts = {"names": list(names), "withdrawable_until_at": _moment(order.last_minute_to_withdraw)}
    _write(account, order, "orders/mail/delivered", facts, act)


def cancelled(account: Account, order: Order, *, paid: bool, act: Act) -> None:
    """Tell that an order has ended; ``paid`` when money goes back."""
    facts = {"reason": order.reason, "paid": paid}
    _write(account, order, "orders/mail/cancelled", facts, act)


def taken_back(account: Account, order: Order, missing: Money, *, act: Act) -> None:
    """Tell that a bank has taken money back, and how much is to be paid again."""
    _write(account, order, "orders/mail/taken_back", {"amount": missing.shown(order.language)}, act)


def paid_back(account: Account, order: Order, amount: Money, *, act: Act) -> None:
    _write(account, order, "orders/mail/paid_back", {"amount": amount.shown(order.language)}, act)


def withdrawn(
    account: Account,
    order: Order,
    withdrawal: Withdrawal,
    names: Sequence[str],
    *,
    secret: str,
    act: Act,
) -> None:
    """Acknowledge a withdrawal with its content, date and time (décret 2026-3)."""
    facts = {
        "name": withdrawal.name if withdrawal.signed_in else "",
        "declared_at": withdrawal.declared_at.isoformat(),
        "effective_at": withdrawal.effective_at.isoformat(),
        "names": list(names),
        "signed_in": withdrawal.signed_in,
        "done": withdrawal.done_at is not None,
        "held": withdrawal.held_at is not None,
    }
    secrets = {"contest": secret} if secret else {}
    write(
        account,
        "orders/mail/withdrawn",
        to=[account.email],
        facts={"number": order.number, **facts},
        secrets=secrets,
        act=act,
    )


def contested(account: Account, order: Order, *, act: Act) -> None:
    _write(account, order, "orders/mail/contested", {}, act)


def _write(
    account: Account, order: Order, template: str, facts: Mapping[str, object], act: Act
) -> None:
    told = {"number": order.number, **facts}
    write(account, template, to=[account.email], facts=told, act=act)


def _sums(order: Order) -> dict[str, object]:
    language = order.language
    return {
        "net": order.net.shown(language),
        "tax": order.tax.shown(language),
        "gross": order.gross.shown(language),
    }


def _line(line: OrderLine, order: Order) -> dict[str, object]:
    return {
        "label": line.label,
        "name": line.name if line.named else line.label,
        "months": line.period_months if line.lasting else 0,
        "net": line.net_in(order.currency).shown(order.language),
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
