from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from nichandle.config import reference

PAGES = {"settings.md": reference.settings_page, "reference.md": reference.reference_page}


class Command(BaseCommand):
    help = "Write the operators' pages that are generated from the product's lists."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=Path("docs/operators"))
        parser.add_argument(
            "--check", action="store_true", help="only tell whether they are up to date"
        )

    def handle(self, *args: Any, folder: Path, check: bool, **options: Any) -> None:
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}: run this where the source is.")
        for name, page in PAGES.items():
            file, text = folder / name, page().rstrip() + "\n"
            if file.is_file() and file.read_text(encoding="utf-8") == text:
                continue
            if check:
                raise CommandError(f"{file} is out of date: run `nichandle docs`.")
            file.write_text(text, encoding="utf-8")
            self.stdout.write(f"{file} written")
