"""`nichandle passwords build FILE`: the operator's own list of breached passwords."""

import re
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from nichandle.identity.accounts.passwords import lists, normalise

_DIGEST = re.compile(r"([0-9A-Fa-f]{40})(:[0-9]+)?")
SAMPLE_BYTES = 1 << 20


class Command(BaseCommand):
    help = "Build the filter of passwords nobody may choose."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        build = verbs.add_parser("build", help="from a file of any size, read as a stream")
        build.add_argument(
            "file", type=Path, help="one password or one SHA-1 digest (HASH or HASH:COUNT) a line"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        source: Path = options["file"]
        target = lists.filter_path()
        try:
            expected = _expected_lines(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            count = lists.build(_digests(source), expected=expected, target=target)
            if count > expected:
                # Lines got shorter after the sample: a filter too small would refuse too much.
                count = lists.build(_digests(source), expected=count, target=target)
        except OSError as reason:
            raise CommandError(f"{source} could not be made into {target}: {reason}.") from reason
        size = target.stat().st_size
        self.stdout.write(
            f"{target}: {count} passwords, {size} bytes; one good password in "
            f"{round(1 / lists.FALSE_POSITIVES)} is refused by mistake."
        )


def _expected_lines(source: Path) -> int:
    """Estimate from a sample how many lines there are, with room to spare."""
    with source.open("rb") as file:
        sample = file.read(SAMPLE_BYTES)
    lines = sample.count(b"\n") + 1
    return int(source.stat().st_size / max(len(sample), 1) * lines * 1.1) + 16


def _digests(source: Path) -> Iterator[str]:
    with source.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            text = line.rstrip("\r\n")
            if not text:
                continue
            found = _DIGEST.fullmatch(text)
            yield found[1].upper() if found else lists.password_digest(normalise(text))
