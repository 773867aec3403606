"""`nichandle staff create NAME --email ADDRESS`: who works at the desk."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse
from django.utils import timezone

from nichandle.identity.staff import people
from nichandle.identity.staff.models import StaffMember
from nichandle.sites.desk import operations
from nichandle.sites.desk.queries import key_demanded, with_usable_key


class Command(BaseCommand):
    help = "Invite, list and dismiss those who work at the desk."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="invite somebody; prints a one-time link")
        create.add_argument("name", help="the name that customers and colleagues read")
        create.add_argument("--email", required=True, help="the address that signs in")
        create.add_argument(
            "--role",
            choices=StaffMember.Role.values,
            help="reviewer looks into cases, billing at payments, administrator at colleagues; "
            "without it, somebody who is there keeps theirs, and a newcomer is a reviewer",
        )
        verbs.add_parser("list", help="who there is")
        dismiss = verbs.add_parser("dismiss", help="end somebody's access at once")
        dismiss.add_argument("--email", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, f"_{options['verb']}")(options)

    def _create(self, options: dict[str, Any]) -> None:
        secret = people.invite(
            name=options["name"],
            email=options["email"],
            role=options["role"],
            now=timezone.now(),
        )
        link = f"{settings.BASE_URL}{reverse('review:setup', kwargs={'secret': secret})}"
        self.stdout.write(f"Give {options['name']} this link; it works once, for 24 hours:\n{link}")
        if key_demanded():
            self.stdout.write("It sets a password and registers a security key: have one at hand.")
        self.stdout.write("Once it is used, keys and sessions from before have ended.")

    def _list(self, options: dict[str, Any]) -> None:
        with_key = with_usable_key()
        for each in people.everybody():
            state = _state(each, has_key=each.pk in with_key)
            self.stdout.write(f"{each.name:30} {each.email:40} {each.role:13} {state}")

    def _dismiss(self, options: dict[str, Any]) -> None:
        operations.dismiss(email=options["email"], now=timezone.now())
        self.stdout.write(f"{options['email']} can do nothing any more.")


def _state(reviewer: StaffMember, *, has_key: bool) -> str:
    if not reviewer.active:
        return "dismissed"
    if not reviewer.password:
        return "invited"
    return "ready" if has_key or not key_demanded() else "without key: needs a new link"
