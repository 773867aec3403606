"""Django's command line with our names and exit codes."""

import os
import sys

from django.core.management import ManagementUtility, get_commands
from django.core.management.base import BaseCommand
from django.db import OperationalError
from django.utils import translation

from nichandle.config.installation import place
from nichandle.config.options import SettingWrong
from nichandle.config.secret import Making
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording.languages import nearest

REFUSED, WRONG_USAGE = 1, 2
WRITES = {"serve", "worker", "demo", "migrate", "upgrade", "restore"}
"""Commands that make the data folder; all others leave no trace where there is nothing."""


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
    Making.folder = next(iter(sys.argv[1:]), "") in WRITES
    try:
        CommandLine(["nichandle", *sys.argv[1:]]).execute()
    except (SettingWrong, Refused) as reason:
        _refuse(reason)
    except OperationalError as error:
        if sentence := place.silence(error):
            _refuse(sentence)
        raise


def _refuse(reason: Exception) -> None:
    print(f"nichandle: {reason}", file=sys.stderr)
    sys.exit(REFUSED)
