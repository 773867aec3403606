"""`nichandle order`: look at an order, and say that a part of it is delivered."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from nichandle.commerce.orders import numbers, queries
from nichandle.commerce.orders.delivery import answering, asking
from nichandle.commerce.orders.models import OrderLine
from nichandle.platform.kernel.act import Act

OPERATOR = "operator"


class Command(BaseCommand):
    help = "Look at an order, deliver it by hand, ask your provisioning again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        show = verbs.add_parser("show", help="what was ordered, and how far it is")
        show.add_argument("--json", action="store_true", help="answer as JSON")
        deliver = verbs.add_parser("deliver", help="say that it is delivered")
        again = verbs.add_parser("ask-again", help="ask your provisioning once more")
        for verb in (show, deliver, again):
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
        for line in _chosen(lines, options["line"]):
            if options["verb"] == "deliver":
                answering.done(line.key, act=act)
                self.stdout.write(f"{line.position} {line.name}: delivered")
            else:
                asking.ask_again(line.key, act=act)
                self.stdout.write(f"{line.position} {line.name}: asked again")

    def _show(self, lines: list[OrderLine], *, as_json: bool) -> None:
        order = lines[0].order
        facts = {
            "number": order.number,
            "handle": order.handle,
            "state": order.state,
            "total": f"{order.gross.amount} {order.currency}",
            "placed": order.placed_at.isoformat(),
            "lines": [_line(line) for line in lines],
        }
        if as_json:
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
            return
        for name in ("number", "handle", "state", "total", "placed"):
            self.stdout.write(f"{name:10} {facts[name]}")
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
