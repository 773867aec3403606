"""`nichandle statement import FILE`: bank statements, for the operator and for cron."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from nichandle.commerce.payments import queries
from nichandle.commerce.payments.statements import columns, importing
from nichandle.commerce.payments.statements.reading import BankStatement
from nichandle.platform.kernel.act import Act


class Command(BaseCommand):
    help = "Take bank statements: what pays something for certain is booked, the rest waits."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        take = verbs.add_parser("import", help="take a file of camt.053, or of columns")
        take.add_argument("file", type=Path)
        take.add_argument("--mapping", type=Path, help="how the columns are read, as YAML")
        take.add_argument(
            "--iban", default="", help="whose account, where the mapping does not say"
        )
        take.add_argument("--preview", action="store_true", help="show, and write nothing")
        take.add_argument("--json", action="store_true", help="for a program to read")
        waiting = verbs.add_parser("waiting", help="the lines that wait for somebody")
        waiting.add_argument("--json", action="store_true", help="for a program to read")

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, f"_{options['verb']}")(options)

    def _import(self, options: dict[str, Any]) -> None:
        mapping = options["mapping"]
        how = columns.mapping(mapping, iban=options["iban"]) if mapping else None
        found = importing.read(options["file"].read_bytes(), how)
        if options["preview"]:
            self._preview(found, options)
            return
        act = Act.by_staff("operator", timezone.now())
        outcome = importing.take(found, act=act)
        said = {name: getattr(outcome, name) for name in outcome.__slots__}
        if options["json"]:
            self.stdout.write(json.dumps(said))
            return
        self.stdout.write(
            f"{outcome.statements} statements: {outcome.booked} lines booked, {outcome.waiting} "
            f"wait for somebody, {outcome.aside} are no customer's, {outcome.known} were known."
        )

    def _preview(self, found: list[BankStatement], options: dict[str, Any]) -> None:
        rows: list[dict[str, Any]] = [
            {
                "booked_on": str(line.booked_on),
                "amount": str(line.amount.amount),
                "currency": line.currency,
                "name": line.name,
                "reference": line.reference,
                "text": line.text,
                "fate": foreseen.fate,
                "about": list(foreseen.about),
            }
            for foreseen in importing.preview(found)
            for line in [foreseen.line]
        ]
        if options["json"]:
            self.stdout.write(json.dumps(rows))
            return
        for row in rows:
            fate = " ".join([row["fate"], *row["about"]])
            said = f"{row['booked_on']} {row['amount']:>12} {row['currency']} {fate:24}"
            self.stdout.write(f"{said} {row['name']} {row['reference']} {row['text']}".rstrip())

    def _waiting(self, options: dict[str, Any]) -> None:
        rows = queries.waiting_lines(whole=True)
        if options["json"]:
            listed = [
                {"line": row.pk, "amount": str(row.amount.amount), "currency": row.currency}
                for row in rows
            ]
            self.stdout.write(json.dumps(listed))
            return
        for row in rows:
            said = f"{row.pk:6} {row.booked_on} {row.amount.amount:>12} {row.currency} {row.name}"
            self.stdout.write(f"{said} {row.reference} {row.text}".rstrip())
