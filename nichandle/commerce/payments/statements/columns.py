"""
Statements as files of columns (CSV), which banks give with columns of their own.

A mapping says of one bank how its file is read: a YAML file with the names of the columns, the
form of dates and amounts. Such a file has no balances and no number of its own, so it is named by
its content, and its lines by what stands in them.
"""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from nichandle.commerce.payments.statements.reading import (
    LARGEST,
    MOST_LINES,
    BankStatement,
    StatementLine,
    StatementRefused,
    money,
)
from nichandle.platform.kernel.later import later
from nichandle.platform.kernel.money import Money
from nichandle.platform.kernel.wording.text import clean

yaml = later("yaml")
stdnum_iban = later("stdnum.iban")

SHIPPED = Path(__file__).parent / "data"
ENCODINGS = ("utf-8-sig", "cp1252")


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """
    How the file of one bank is read.

    Either one column has the signed ``amount``, or two have what came and what left. ``decimal`` is
    the sign before the cents; ``date_form`` as Python's ``strptime`` has it.
    """

    iban: str
    date: str
    text: str
    amount: str = ""
    credit: str = ""
    debit: str = ""
    reference: str = ""
    name: str = ""
    currency: str = "EUR"
    delimiter: str = ";"
    decimal: str = ","
    date_form: str = "%d/%m/%Y"
    skip: int = 0


def mapping(file: Path, *, iban: str = "") -> ColumnMapping:
    """
    Read a mapping; ``iban`` says whose account it is where the mapping does not.

    :raises StatementRefused: when it is none
    """
    known = {each.name for each in fields(ColumnMapping)}
    try:
        said = yaml.safe_load(file.read_text(encoding="utf-8"))
        wanted: dict[str, Any] = {**said, **({"iban": iban} if iban else {})}
    except (OSError, TypeError, ValueError, yaml.YAMLError) as wrong:
        raise StatementRefused(_("the mapping cannot be read: %(why)s") % {"why": wrong}) from None
    unknown, wrong_kind = (
        set(wanted) - known,
        [name for name, value in wanted.items() if not isinstance(value, str | int)],
    )
    missing = {"date", "text"} - set(wanted)
    if unknown or wrong_kind or missing or not (wanted.get("amount") or wanted.get("credit")):
        raise StatementRefused(
            _("the mapping needs date, text and amount (or credit and debit), and knows %(names)s.")
            % {"names": ", ".join(sorted(known))}
        )
    found = ColumnMapping(**{"iban": "", **wanted})
    if not stdnum_iban.is_valid(found.iban):
        raise StatementRefused(_("say whose account it is, by its IBAN."))
    return found


def read(data: bytes, how: ColumnMapping) -> list[BankStatement]:
    """
    Read a file as its mapping says.

    :raises StatementRefused: when it does not fit the mapping, as a whole
    """
    if len(data) > LARGEST:
        raise StatementRefused(_("it is too large."))
    rows = _rows(data, how)
    iban = stdnum_iban.compact(how.iban)
    seen: Counter[str] = Counter()
    lines = [_line(row, at, how, iban, seen) for at, row in enumerate(rows, how.skip + 2)]
    number = hashlib.sha256(data).hexdigest()[:40]
    return [BankStatement(iban=iban, number=number, currency=how.currency, lines=lines)]


def _rows(data: bytes, how: ColumnMapping) -> list[Mapping[str, str]]:
    text = "\n".join(_decoded(data).splitlines()[how.skip :])
    try:
        reader = csv.DictReader(io.StringIO(text), delimiter=how.delimiter, strict=True)
        columns = {name.strip() for name in reader.fieldnames or ()}
        wanted = {how.date, how.text, how.amount, how.credit, how.debit, how.reference, how.name}
        if missing := wanted - {""} - columns:
            raise StatementRefused(
                _("it has no column %(names)s.") % {"names": ", ".join(sorted(missing))}
            )
        rows: list[Mapping[str, str]] = []
        for row in reader:
            if None in row or None in row.values():
                raise StatementRefused(
                    _("line %(line)s has more or fewer columns than the others.")
                    % {"line": reader.line_num + how.skip}
                )
            rows.append({name.strip(): value for name, value in row.items()})
            if len(rows) > MOST_LINES:
                raise StatementRefused(_("it has too many lines."))
    except csv.Error:
        raise StatementRefused(_("it is no file of columns.")) from None
    return rows


def _decoded(data: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise StatementRefused(_("its letters cannot be read."))


def _line(
    row: Mapping[str, str], at: int, how: ColumnMapping, iban: str, seen: Counter[str]
) -> StatementLine:
    amount, booked_on = _amount(row, at, how), _date(row[how.date], at, how)
    text = clean(row[how.text])[:500]
    reference = clean(row[how.reference])[:35] if how.reference else ""
    name = clean(row[how.name])[:140] if how.name else ""
    said = f"{iban} {booked_on} {amount.minor} {text} {reference} {name}"
    # Two lines of one day may say the same: the second is the second in every file.
    seen[said] += 1
    key = hashlib.sha256(f"{said} {seen[said]}".encode()).hexdigest()
    return StatementLine(key, amount, booked_on, reference=reference, text=text, name=name)


def _amount(row: Mapping[str, str], at: int, how: ColumnMapping) -> Money:
    if how.amount:
        return _number(row[how.amount], at, how)
    came = _number(row[how.credit] or "0", at, how)
    left = _number(row[how.debit] or "0", at, how) if how.debit else Money.zero(how.currency)
    return came - (left if left.minor >= 0 else -left)


def _number(text: str, at: int, how: ColumnMapping) -> Money:
    """
    Read an amount; marks between thousands only before groups of three digits.

    Else 120.00 of a file whose mapping names the comma would be 12000.
    """
    grouping = "." if how.decimal == "," else ","
    whole = rf"[0-9]{{1,3}}(?:([{grouping}\s])[0-9]{{3}})(?:\3[0-9]{{3}})*|[0-9]*"
    found = re.fullmatch(rf"\s*([+-]?)\s*({whole})(?:{re.escape(how.decimal)}([0-9]*))?\s*", text)
    try:
        if found is None:
            raise ValueError
        sign, grouped, _mark, cents = found.groups(default="")
        digits = "".join(each for each in grouped if each.isdigit())
        return money(f"{sign}{digits}.{cents}", how.currency)
    except (ValueError, StatementRefused):
        raise StatementRefused(
            _("line %(line)s: “%(text)s” is no amount.") % {"line": at, "text": text[:40]}
        ) from None


def _date(text: str, at: int, how: ColumnMapping) -> date:
    try:
        return datetime.strptime(text.strip(), how.date_form).date()  # noqa: DTZ007 - a day
    except ValueError:
        raise StatementRefused(
            _("line %(line)s: “%(text)s” is no date.") % {"line": at, "text": text[:40]}
        ) from None
