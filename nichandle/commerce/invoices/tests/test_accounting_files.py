"""The files that `nichandle accounting` writes of what was issued."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError, call_command

from nichandle.commerce.invoices.facts import Document
from nichandle.commerce.invoices.models import Invoice, InvoiceStanding
from nichandle.commerce.invoices.selling import sellers
from nichandle.commerce.invoices.tests.helpers import document_of

pytestmark = pytest.mark.django_db
FOURTH_QUARTER = ("--since", "2026-10-01", "--until", "2026-12-31")


def issued(person, sequence, on, *prices, paid_on=None, corrects=None, document=None, **changes):
    """Keep a document as it was issued; how it gets there is tested where it is issued."""
    document = document or document_of(person, *prices, **changes)
    series = "A" if corrects else "F"
    invoice = Invoice.objects.create(
        number=f"{series}{on.year}-{sequence:06}",
        series=series,
        year=on.year,
        sequence=sequence,
        kind=document.kind,
        account_id=person.account.pk,
        handle=person.handle,
        issued_on=on,
        issued_at=datetime(on.year, on.month, on.day, 12, tzinfo=UTC),
        due_date=document.due_date,
        currency=document.currency,
        net_minor=document.totals.net.minor,
        tax_minor=document.totals.tax.minor,
        gross_minor=document.totals.gross.minor,
        corrects=corrects,
        document=document.as_json(),
    )
    InvoiceStanding.objects.create(
        invoice=invoice,
        account_id=person.account.pk,
        due_date=document.due_date,
        paid_on=paid_on,
        state="paid" if paid_on else "open",
    )
    return invoice


def credit_note(person, sequence, on, invoice, *prices, **changes):
    return issued(
        person,
        sequence,
        on,
        *prices,
        corrects=invoice,
        kind="credit_note",
        **changes,
    )


def lines_of(file):
    return [line.split("\t") for line in file.read_bytes().decode("iso8859-15").splitlines()]


def test_the_journals_of_a_period_balance_and_hold_nothing_of_another(customer, tmp_path, capsys):
    issued(customer, 1, date(2026, 9, 30), 5000)
    second = issued(customer, 2, date(2026, 10, 1), 1000, 333)
    credit_note(customer, 1, date(2026, 12, 31), second, 333)

    call_command("accounting", "export", *FOURTH_QUARTER, "--into", str(tmp_path))

    (file,) = tmp_path.glob("*-ventes-20261001-20261231.txt")
    heading, *lines = lines_of(file)
    told = capsys.readouterr().out
    cents = [[int(line[place].replace(",", "")) for line in lines] for place in (11, 12)]
    assert len(heading) == 18
    assert {len(line) for line in lines} == {18}
    assert [line[2] for line in lines[::3]] == ["F2026-000002", "A2026-000001"]
    assert sum(cents[0]) == sum(cents[1]) == 1600 + 400
    assert "2 documents, debit 20.00, credit 20.00 EUR." in told
    assert (tmp_path / f"{file.stem}-description.txt").read_text("utf-8").count("\n") > 18


def test_vat_is_stated_in_the_period_in_which_it_falls_due(customer, tmp_path, capsys):
    slow = {"seller": replace(sellers.current(), vat_on="receipts")}
    issued(customer, 1, date(2026, 9, 30), 5000, paid_on=date(2026, 10, 2), **slow)
    issued(customer, 2, date(2026, 12, 1), 1000, **slow)
    third = issued(customer, 3, date(2026, 12, 1), 2000, paid_on=date(2026, 12, 5), **slow)
    credit_note(customer, 1, date(2026, 12, 30), third, 500, **slow)

    call_command("accounting", "vat", *FOURTH_QUARTER, "--into", str(tmp_path))

    (file,) = tmp_path.glob("vat-20261001-20261231.csv")
    written = file.read_text("utf-8-sig").splitlines()
    assert written[1:] == ["CA3;FR;S;20;65,00;13,00;3;"]
    assert "CA3     FR" in capsys.readouterr().out


def test_a_credit_note_is_stated_in_the_period_in_which_its_invoice_is_paid(customer, tmp_path):
    """Issued before it, it takes VAT back with the day on which that VAT falls due."""
    slow = {"seller": replace(sellers.current(), vat_on="receipts")}
    invoice = issued(customer, 1, date(2026, 9, 1), 5000, paid_on=date(2026, 10, 2), **slow)
    credit_note(customer, 1, date(2026, 9, 2), invoice, 1000, **slow)

    call_command("accounting", "vat", *FOURTH_QUARTER, "--into", str(tmp_path))

    (file,) = tmp_path.glob("vat-*.csv")
    assert file.read_text("utf-8-sig").splitlines()[1:] == ["CA3;FR;S;20;40,00;8,00;2;"]


def test_a_period_is_exported_again_to_the_byte(customer, tmp_path):
    issued(customer, 1, date(2026, 10, 1), 1000)
    first = exported(tmp_path)
    issued(customer, 2, date(2027, 1, 1), 1000)

    assert exported(tmp_path) == first


def exported(folder):
    call_command("accounting", "export", *FOURTH_QUARTER, "--into", str(folder))
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_what_cannot_be_booked_is_named_and_leaves_no_half_of_a_file(customer, tmp_path):
    issued(customer, 1, date(2026, 10, 1), 1000)
    euros = json.dumps(document_of(customer, 1000).as_json())
    dollars = Document.of_json(json.loads(euros.replace("EUR", "USD")))
    issued(customer, 2, date(2026, 10, 1), document=dollars)

    with pytest.raises(CommandError, match="F2026-000002 is in USD and names no rate"):
        exported(tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_period_that_ends_before_it_begins_and_a_folder_that_is_none_are_refused(tmp_path):
    turned = ("--since", "2026-12-31", "--until", "2026-10-01")
    with pytest.raises(CommandError, match="ends before it begins"):
        call_command("accounting", "export", *turned, "--into", str(tmp_path))
    with pytest.raises(CommandError, match="is not a folder"):
        call_command("accounting", "vat", *FOURTH_QUARTER, "--into", str(tmp_path / "nowhere"))


def test_accounts_of_ones_own_are_used_and_a_faulty_file_of_them_is_refused(customer, tmp_path):
    issued(customer, 1, date(2026, 10, 1), 1000)
    chart = tmp_path / "chart.toml"
    own = ("accounting", "export", *FOURTH_QUARTER, "--into", str(tmp_path), "--chart", str(chart))

    chart.write_text('[services]\nnumber = "706120"\nname = "Hosting"\n', "utf-8")
    call_command(*own)
    (file,) = tmp_path.glob("*-ventes-20261001-20261231.txt")
    assert lines_of(file)[2][4:6] == ["706120", "Hosting"]

    chart.write_text('[services]\nnumber = "12"\nname = "Hosting"\n', "utf-8")
    with pytest.raises(CommandError, match="begins with three figures"):
        call_command(*own)
