"""`nichandle invoice verify | held`: proof of what was issued, and what waits with a trouble."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from nichandle.commerce.invoices import queries
from nichandle.commerce.invoices.proof import proving


class Command(BaseCommand):
    help = "Prove issued invoices, and show those that cannot be issued."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("verify", help="numbers without a gap, days, amounts, hashes and bytes")
        verbs.add_parser("held", help="what cannot be issued, and why; the others go on")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "held":
            for draft in queries.held():
                self.stdout.write(f"{draft.cause}  {draft.handle}: {draft.trouble}")
            return
        wrong = 0
        for fault in proving.faults():
            self.stdout.write(fault)
            wrong += 1
        if wrong:
            raise CommandError(f"{wrong} faults: what was issued is not as it was issued.")
        self.stdout.write(f"{proving.count()} documents: every number, hash and byte is as issued.")
