"""`nichandle sessions end HANDLE` or `--everybody`: the operator signs people out."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from nichandle.identity.accounts import queries
from nichandle.identity.handles.queries import resolve
from nichandle.identity.signin.sessions import ending


class Command(BaseCommand):
    help = "End sessions of one account or of all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        end = verbs.add_parser("end", help="sign out; known browsers stay known")
        whose = end.add_mutually_exclusive_group(required=True)
        whose.add_argument("handle", nargs="?", help="the client identifier, in any spelling")
        whose.add_argument("--everybody", action="store_true", help="of all accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["everybody"]:
            ended = 0
            while some := ending.end_by_operator(now=now):
                ended += some
            self.stdout.write(f"{ended} accounts are signed out.")
            return
        handle = resolve(options["handle"])
        account = queries.by_handle(handle) if handle else None
        if account is None:
            raise CommandError(f"There is no account {options['handle']}.")
        ended = ending.end_by_operator(account.pk, now=now)
        self.stdout.write("Signed out." if ended else "No session was open.")
