"""`nichandle account show HANDLE`: what is on file, for the operator."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from nichandle.identity.accounts import queries
from nichandle.identity.accounts.models import Account
from nichandle.identity.handles.queries import resolve


class Command(BaseCommand):
    help = "Look at an account."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        show = verbs.add_parser("show", help="what is on file")
        show.add_argument("handle", help="the client identifier or an alias, in any spelling")
        show.add_argument("--json", action="store_true", help="answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        handle = resolve(options["handle"])
        account = queries.by_handle(handle) if handle else None
        if account is None:
            raise CommandError(f"There is no account {options['handle']}.")
        facts = _facts(account)
        if options["json"]:
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
            return
        for name, value in facts.items():
            self.stdout.write(f"{name:20} {value}")


def _facts(account: Account) -> dict[str, str]:
    return {
        "identifier": account.handle_text,
        "id": str(account.pk),
        "state": account.state,
        "kind": account.kind,
        "name": f"{account.given_name} {account.family_name}".strip(),
        "organisation": account.organisation,
        "address": account.email,
        "country": account.country,
        "language": account.language,
        "opened": account.opened_at.isoformat() if account.opened_at else "",
    }
