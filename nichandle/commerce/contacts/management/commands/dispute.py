"""`nichandle dispute list | settle NUMBER`: hand-overs that are contested, for the operator."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from nichandle.commerce.contacts import queries
from nichandle.commerce.contacts.disputes import operations
from nichandle.identity.cases import clock


class Command(BaseCommand):
    help = "Look at contested hand-overs and decide them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="the disputes nobody has decided, oldest first")
        settle = verbs.add_parser("settle", help="decide one: contacts can be changed again")
        settle.add_argument("number", type=int)
        settle.add_argument("--by", required=True, help="who decides, as the ledgers will say")
        settle.add_argument("--reason", required=True, help="why; everybody concerned reads it")
        outcome = settle.add_mutually_exclusive_group(required=True)
        outcome.add_argument(
            "--give-back", action="store_true", help="the roles go back to the contact before"
        )
        outcome.add_argument("--let-stand", action="store_true", help="the hand-over stands")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "list":
            self._list()
            return
        operations.settle(
            dispute_id=options["number"],
            give_back=options["give_back"],
            by=options["by"],
            words=options["reason"],
            now=timezone.now(),
        )
        self.stdout.write(f"Dispute {options['number']} is decided.")

    def _list(self) -> None:
        overdue_before = timezone.now() - clock.OVERDUE_AFTER
        for one in queries.open_disputes():
            request = one.request
            people = (request.from_account, request.to_account, request.asker)
            before, now, asker = (one.handle_text if one else "–" for one in people)
            names = ", ".join(queries.content(request).names)
            late = one.opened_at is not None and one.opened_at <= overdue_before
            mark = f"  OPEN FOR {clock.OVERDUE_AFTER.days} DAYS OR MORE" if late else ""
            self.stdout.write(
                f"{one.pk}  case {one.case_number}: {before} → {now}, asked by {asker}: "
                f"{names}{mark}"
            )
