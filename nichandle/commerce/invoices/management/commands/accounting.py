"""`nichandle accounting export` and `vat`: what accountants and tax offices are given."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError

from nichandle.commerce.invoices.accounting import charts, journals, rows, statements
from nichandle.commerce.invoices.accounting.bookings import Booking, booking_of
from nichandle.commerce.invoices.accounting.issued import HOME, RateNotNamed
from nichandle.commerce.invoices.selling import sellers
from nichandle.platform.kernel.money import Money


class Command(BaseCommand):
    help = "Write the journals of sales, or VAT by state and rate, of a period."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        export = verbs.add_parser("export", help="the journals of sales, in the columns of the FEC")
        export.add_argument("--chart", type=Path, help="TOML file with accounts of your own")
        vat = verbs.add_parser("vat", help="the VAT that falls due, by state and rate")
        for verb in (export, vat):
            verb.add_argument("--since", type=date.fromisoformat, required=True, metavar="DAY")
            verb.add_argument("--until", type=date.fromisoformat, required=True, metavar="DAY")
            verb.add_argument("--into", type=Path, default=Path(), metavar="FOLDER")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["until"] < options["since"]:
            raise CommandError("The period ends before it begins.")
        if not options["into"].is_dir():
            raise CommandError(f"{options['into']} is not a folder.")
        try:
            getattr(self, f"_{options['verb']}")(options)
        except (RateNotNamed, charts.ChartWrong) as wrong:
            raise CommandError(str(wrong)) from wrong

    def _export(self, options: dict[str, Any]) -> None:
        own, counted = options["chart"], _Counted()
        chart = charts.own(own.read_text("utf-8")) if own else charts.shipped()
        found = rows.booked(options["since"], options["until"])
        bookings = counted.through(booking_of(each, chart) for each in found)
        name = f"{sellers.current().siren or 'sales'}-ventes-{_period(options)}"
        file = options["into"] / f"{name}.txt"
        _write(file, lambda to: to.writelines(journals.written(bookings)))
        text = "\n".join(journals.described()) + "\n"
        described = options["into"] / f"{name}-description.txt"
        _write(described, lambda to: to.write(text.encode()))
        self.stdout.write(f"{file}: {counted}\n{described}: what each column means.")

    def _vat(self, options: dict[str, Any]) -> None:
        since, until = options["since"], options["until"]
        found = statements.statement(rows.declarable(since, until), since=since, until=until)
        file = options["into"] / f"vat-{_period(options)}.csv"
        _write(file, lambda to: to.write(statements.written(found).encode("utf-8-sig")))
        for row in (statements.COLUMNS, *statements.cells(found)):
            self.stdout.write("{:8}{:10}{:10}{:>6}{:>14}{:>14}{:>11}  {}".format(*row).rstrip())
        self.stdout.write(f"{file}: the same for spreadsheets.")


class _Counted:
    """What went through: documents, debit and credit."""

    def __init__(self) -> None:
        self.documents, self.debit, self.credit = 0, Money.zero(HOME), Money.zero(HOME)

    def through(self, bookings: Iterator[Booking]) -> Iterator[Booking]:
        for booking in bookings:
            self.documents += 1
            self.debit, self.credit = self.debit + booking.debit, self.credit + booking.credit
            yield booking

    def __str__(self) -> str:
        sums = f"debit {self.debit.amount:.2f}, credit {self.credit.amount:.2f} {HOME}"
        return f"{self.documents} documents, {sums}."


def _period(options: dict[str, Any]) -> str:
    return f"{options['since']:%Y%m%d}-{options['until']:%Y%m%d}"


def _write(file: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Write a file whole or not at all."""
    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("wb") as to:
            fill(to)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
