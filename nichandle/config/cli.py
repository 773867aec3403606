"""
The command `nichandle`.

Nothing heavy is imported before `serve` has begun anew with what the system reads only when a
process begins.
"""

import os
import sys
from importlib import import_module

from nichandle.config.installation import hugepages
from nichandle.config.serving.web import FRUGAL


def main() -> None:
    """Exit codes: 0 done, 1 refused with a sentence on standard error, 2 wrong usage."""
    if sys.argv[1:2] == ["serve"]:
        _begin_anew_if_need_be()
    import_module("nichandle.config.commandline").main()


def _begin_anew_if_need_be() -> None:
    lacking = {name: value for name, value in FRUGAL.items() if name not in os.environ}
    lacking |= hugepages.tunables()
    if lacking:
        command = [sys.executable, *sys.orig_argv[1:]]
        os.execve(command[0], command, {**os.environ, **lacking})  # noqa: S606 - ourselves


if __name__ == "__main__":
    main()
