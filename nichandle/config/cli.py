"""The command `nichandle`: Django's command line with our names and exit codes."""

import os
import sys

from django.core.management import ManagementUtility, get_commands
from django.core.management.base import BaseCommand
from django.utils import translation

from nichandle.config.options import SettingWrong
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording.languages import nearest

REFUSED, WRONG_USAGE = 1, 2


class CommandLine(ManagementUtility):
    """Django's, but an unknown command is wrong usage."""

    def fetch_command(self, subcommand: str) -> BaseCommand:
        if subcommand not in get_commands():
            print(
                f"nichandle: there is no command {subcommand}; see `nichandle help`.",
                file=sys.stderr,
            )
            sys.exit(WRONG_USAGE)
        # Refusals are said to whoever sits at the terminal, not to a customer.
        translation.activate(nearest(os.environ.get("LANG", "")))
        return super().fetch_command(subcommand)


def main() -> None:
    """Exit codes: 0 done, 1 refused with a sentence on standard error, 2 wrong usage."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nichandle.config.settings")
    try:
        CommandLine(["nichandle", *sys.argv[1:]]).execute()
    except (SettingWrong, Refused) as reason:
        print(f"nichandle: {reason}", file=sys.stderr)
        sys.exit(REFUSED)


if __name__ == "__main__":
    main()
