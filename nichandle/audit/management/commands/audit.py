"""`nichandle audit verify`: proves the ledger."""

import json
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from nichandle.audit import queries


class Command(BaseCommand):
    help = "Prove that no entry of the ledger was changed, removed or inserted."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verify = verbs.add_parser("verify", help="prove all chains and anchors")
        verify.add_argument("--account", type=UUID, help="only this account's chain (its UUID)")
        verify.add_argument("--json", action="store_true", help="answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        account_id = options["account"]
        found = list(queries.faults(account_id))
        chains, entries = queries.count(account_id)
        if options["json"]:
            faults = [
                {"account": str(fault.account_id), "number": fault.number, "reason": fault.reason}
                for fault in found
            ]
            self.stdout.write(json.dumps({"chains": chains, "entries": entries, "faults": faults}))
        if found:
            lines = [f"{one.account_id}, entry {one.number}: {one.reason}." for one in found]
            raise CommandError("The ledger does not hold. " + " ".join(lines))
        if not options["json"]:
            self.stdout.write(f"The ledger holds: {chains} chains, {entries} entries.")
