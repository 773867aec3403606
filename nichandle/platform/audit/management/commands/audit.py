"""`nichandle audit verify`: proves the ledger."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from nichandle.platform.audit import queries

SHOWN = 20


class Command(BaseCommand):
    help = "Prove that no entry of the ledger was changed, removed or inserted."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verify = verbs.add_parser("verify", help="prove all chains and anchors")
        verify.add_argument("--account", type=UUID, help="only this account's chain (its UUID)")
        verify.add_argument(
            "--anchors",
            type=Path,
            help="folder with copies of the anchors' files, kept out of reach of the database "
            "(default: the one in the data folder)",
        )
        verify.add_argument("--json", action="store_true", help="answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        account_id = options["account"]
        copies = options["anchors"] or settings.NICHANDLE_DATA / "anchors"
        if options["anchors"] and not copies.is_dir():
            raise CommandError(f"{copies} is not a folder.")
        found = list(queries.faults(account_id, copies=copies))
        chains, entries = queries.count(account_id)
        if options["json"]:
            faults = [
                {
                    "account": fault.account_id and str(fault.account_id),
                    "number": fault.number,
                    "reason": fault.reason,
                }
                for fault in found
            ]
            self.stdout.write(json.dumps({"chains": chains, "entries": entries, "faults": faults}))
        if found:
            raise CommandError(self._sentence(found))
        if not options["json"]:
            self.stdout.write(f"The ledger holds: {chains} chains, {entries} entries.")

    @staticmethod
    def _sentence(found: list[queries.Fault]) -> str:
        told = [str(fault) for fault in found[:SHOWN]]
        if len(found) > SHOWN:
            told.append(f"And {len(found) - SHOWN} more; see --json.")
        return " ".join(["The ledger does not hold.", *told])
