"""`nichandle order`: look at an order, say that a part of it is delivered, or cancel it."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from nichandle.commerce.orders import numbers, queries
from nichandle.commerce.orders.delivery import answering, asking
from nichandle.commerce.orders.lifecycle import ending
from nichandle.commerce.orders.models import OrderLine
from nichandle.commerce.orders.withdrawal import declaring
from nichandle.commerce.orders.words import STOPPED
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused

OPERATOR = "operator"


class Command(BaseCommand):
    help = "Look at an order, deliver it by hand, ask for it again, cancel or end it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        show = verbs.add_parser("show", help="what was ordered, and how far it is")
        show.add_argument("--json", action="store_true", help="answer as JSON")
        deliver = verbs.add_parser("deliver", help="say that it is delivered")
        again = verbs.add_parser("ask-again", help="ask your provisioning once more")
        cancel = verbs.add_parser(
            "cancel", help="end what cannot be delivered, send the money back"
        )
        withdraw = verbs.add_parser(
            "withdraw", help="carry out a withdrawal that waits, as a service was handed over"
        )
        for verb in (show, deliver, again, cancel, withdraw):
            verb.add_argument("number", help="the order's number, such as C12345678")
        for verb in (deliver, again):
            verb.add_argument("--line", type=int, help="only this line; else all of them")

    def handle(self, *args: Any, **options: Any) -> None:
        lines = queries.lines_of(numbers.read(options["number"]))
        if not lines:
            raise CommandError(f"There is no order {options['number']}.")
        if options["verb"] == "show":
            self._show(lines, as_json=options["json"])
            return
        act = Act.by_staff(OPERATOR, timezone.now())
        try:
            if options["verb"] == "cancel":
                self._cancel(lines[0].order.number, act)
            elif options["verb"] == "withdraw":
                declaring.carry_out_held(lines[0].order.number, act=act)
                self.stdout.write(f"{lines[0].order.number}: withdrawn from")
            else:
                self._act_on(_chosen(lines, options["line"]), options["verb"], act)
        except Refused as refusal:
            # What commands say is English, as their own words are.
            with translation.override("en"):
                raise CommandError(str(refusal)) from refusal

    def _cancel(self, number: str, act: Act) -> None:
        order = ending.cancel_by_operator(number, act=act)
        self.stdout.write(f"{order.number}: {order.state}")

    def _act_on(self, lines: list[OrderLine], verb: str, act: Act) -> None:
        """
        Deliver lines, or have them asked for again; what is stopped is passed over.

        :raises NothingToDeliver: when all are stopped, or the order is not being delivered
        :raises CommandError: when one of them is not delivered, after all were tried
        """
        if all(line.delivery == STOPPED for line in lines):
            raise answering.NothingToDeliver
        failed = []
        for line in lines:
            said = f"{line.position} {line.name}"
            if line.delivery == STOPPED:
                self.stdout.write(f"{said}: stopped, nothing to do")
            elif verb == "ask-again":
                asking.ask_again(line.key, act=act)
                self.stdout.write(f"{said}: asked again")
            elif answering.done(line.key, act=act):
                self.stdout.write(f"{said}: delivered")
            else:
                failed.append(f"{said}: not delivered, {answering.CHANGED_MEANWHILE}")
        if failed:
            raise CommandError("\n".join(failed))

    def _show(self, lines: list[OrderLine], *, as_json: bool) -> None:
        order = lines[0].order
        facts = {
            "number": order.number,
            "handle": order.handle,
            "state": order.state,
            "total": f"{order.gross.amount} {order.currency}",
            "placed": order.placed_at.isoformat(),
            "withdrawal": queries.standing_of_withdrawal(order),
            "lines": [_line(line) for line in lines],
        }
        if as_json:
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
            return
        for name in ("number", "handle", "state", "total", "placed", "withdrawal"):
            self.stdout.write(f"{name:10} {facts[name]}".rstrip())
        for line in lines:
            said = f"  {line.position} {line.name}: {line.delivery} {line.trouble}"
            self.stdout.write(said.rstrip())


def _line(line: OrderLine) -> dict[str, object]:
    return {
        "line": line.position,
        "product": line.product,
        "name": line.name,
        "key": str(line.key),
        "delivery": line.delivery,
        "attempts": line.attempts,
        "trouble": line.trouble,
    }


def _chosen(lines: list[OrderLine], position: int | None) -> list[OrderLine]:
    """:raises CommandError: when the order has no such line"""
    chosen = [line for line in lines if position in {None, line.position}]
    if not chosen:
        raise CommandError(f"Order {lines[0].order.number} has no line {position}.")
    return chosen
