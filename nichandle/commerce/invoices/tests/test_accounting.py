"""What accountants are given: entries that balance to the cent, and VAT by state and rate."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from nichandle.commerce.invoices.accounting import charts
from nichandle.commerce.invoices.accounting.bookings import booking_of
from nichandle.commerce.invoices.accounting.issued import Issued, RateNotNamed
from nichandle.commerce.invoices.accounting.journals import COLUMNS, described, written
from nichandle.commerce.invoices.accounting.statements import cells, statement
from nichandle.commerce.invoices.facts import Vat
from nichandle.commerce.invoices.sales.quoting import totals_of
from nichandle.commerce.invoices.tests.kinds import document, item, kinds
from nichandle.commerce.invoices.tests.people import TODAY, company, person, seller
from nichandle.commerce.invoices.vat import tables

KINDS = kinds("fr")
YEAR = {"since": date(2026, 1, 1), "until": date(2026, 12, 31)}
LAW = (
    "JournalCode JournalLib EcritureNum EcritureDate CompteNum CompteLib CompAuxNum CompAuxLib"
    " PieceRef PieceDate EcritureLib Debit Credit EcritureLet DateLet ValidDate Montantdevise"
    " Idevise"
)
FINN = person(country="FI", postcode="00100", city="Helsinki", name="Aino Virtanen")


def issued(found, number="F2026-000001", on=TODAY, **changes) -> Issued:
    return Issued(number, on, found, **changes)


def booked(found, **changes) -> list[dict[str, str]]:
    text = b"".join(written([booking_of(issued(found, **changes), charts.shipped())]))
    assert text.endswith(b"\r\n")
    lines = [line.split("\t") for line in text.decode("iso8859-15").split("\r\n")[:-1]]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def sides(found, **changes) -> dict[str, tuple[str, str]]:
    return {each["CompteNum"]: (each["Debit"], each["Credit"]) for each in booked(found, **changes)}


def owed(found, **changes) -> list[list[str]]:
    return cells(statement([issued(found, **changes)], **YEAR))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_document_balances_to_the_cent(kind):
    booking = booking_of(issued(KINDS[kind]), charts.shipped())

    assert booking.debit == booking.credit
    assert all(each.debit.amount >= 0 and each.credit.amount >= 0 for each in booking.postings)
    assert all(not (each.debit.amount and each.credit.amount) for each in booking.postings)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"dollars"}))
def test_what_the_customer_owes_and_the_vat_are_what_the_document_says(kind):
    found = KINDS[kind]
    booking = booking_of(issued(found), charts.shipped())
    sums = cells(statement([issued(found, paid_on=TODAY)], **YEAR))
    sign = -1 if kind == "credit note" else 1

    assert booking.postings[0].debit - booking.postings[0].credit == found.totals.gross * sign
    assert sum(Decimal(row[4]) for row in sums) == found.totals.net.amount * sign
    assert sum(Decimal(row[5]) for row in sums) == found.totals.tax.amount * sign


def test_an_invoice_is_owed_by_the_customer_and_earned_as_sales_and_vat():
    lines = booked(document(person(), [item("1", "100")]))

    assert [line["CompteNum"] for line in lines] == ["411000", "706000", "445710"]
    assert [line["Debit"] for line in lines] == ["120,00", "0,00", "0,00"]
    assert [line["Credit"] for line in lines] == ["0,00", "100,00", "20,00"]
    assert lines[0]["CompAuxNum"] == "dm429850-OVH"
    assert lines[0]["CompAuxLib"] == "Diane Mercier"
    assert {line["JournalCode"] for line in lines} == {"VE"}
    assert {line["EcritureNum"] for line in lines} == {"F2026-000001"}
    assert {line["EcritureDate"] for line in lines} == {"20261201"}


def test_a_credit_note_turns_the_sides_round_in_a_journal_of_its_own():
    lines = booked(
        document(
            person(),
            [item("1", "100")],
            kind="credit_note",
            corrects=("F2026-000001", TODAY),
            cause="Résiliation.",
        ),
        number="A2026-000001",
    )

    assert {line["JournalCode"] for line in lines} == {"AV"}
    assert [line["Credit"] for line in lines] == ["120,00", "0,00", "0,00"]
    assert [line["Debit"] for line in lines] == ["0,00", "100,00", "20,00"]


def test_a_discount_lowers_the_sale_and_a_deposit_is_no_sale_yet():
    discounted = document(person(), [item("1", "100"), item("-1", "10", label="Remise")])
    deposit = document(person(), [item("1", "50")], kind="deposit")

    assert sides(discounted)["706000"] == ("0,00", "90,00")
    assert sides(deposit)["419100"] == ("0,00", "50,00")


def test_a_document_of_nothing_keeps_its_place_in_the_sequence():
    assert sides(document(person(), [item("1", "0")])) == {
        "411000": ("0,00", "0,00"),
        "706000": ("0,00", "0,00"),
    }


def test_vat_on_receipts_waits_in_an_account_of_its_own_but_for_goods():
    slow = seller(vat_on="receipts")
    service = document(person(), [item("1", "100")], seller=slow)
    goods = document(person(), [item("1", "100", vat_class="goods")], seller=slow)

    assert sides(service)["445800"] == ("0,00", "20,00")
    assert sides(goods)["445710"] == ("0,00", "20,00")
    assert sides(goods)["707000"] == ("0,00", "100,00")


def test_vat_of_other_states_is_kept_apart():
    one_stop = document(FINN, [item("1", "100")], seller=seller(oss=True))
    local = seller(local_vat_numbers={"FI": "FI20774740"})
    registered = document(FINN, [item("1", "100")], seller=local)

    assert sides(one_stop)["445720"] == ("0,00", "25,50")
    assert sides(registered)["445730"] == ("0,00", "25,50")
    assert owed(one_stop) == [["OSS", "FI", "S", "25.5", "100.00", "25.50", "1", ""]]
    assert owed(registered) == [["local", "FI", "S", "25.5", "100.00", "25.50", "1", ""]]


def test_another_currency_is_booked_in_euros_with_what_was_owed_beside():
    lines = booked(KINDS["dollars"])
    gross = f"{KINDS['dollars'].totals.gross.amount}".replace(".", ",")

    assert (lines[0]["Montantdevise"], lines[0]["Idevise"]) == (gross, "USD")
    assert [line["Idevise"] for line in lines[1:]] == ["", ""]
    assert lines[-1]["Credit"] == "13,78"


def test_another_currency_without_a_rate_stops_with_the_number_of_the_document():
    with pytest.raises(RateNotNamed, match="F2026-000001 is in USD and names no rate"):
        booked(replace(KINDS["dollars"], conversion=None))


def test_a_rate_that_two_states_share_is_divided_to_the_cent():
    """Austria has the 20 % of France: one row of the document, two returns."""
    austrian = person(country="AT", postcode="1010", city="Wien")
    found = document(
        austrian,
        [item("1", "33.33"), item("1", "66.69", vat_class="advice")],
        seller=seller(oss=True),
    )

    assert len(found.totals.vat_rows) == 1
    declared = owed(found)
    assert [row[:2] for row in declared] == [["CA3", "FR"], ["OSS", "AT"]]
    assert sum(Decimal(row[4]) for row in declared) == found.totals.net.amount
    assert sum(Decimal(row[5]) for row in declared) == found.totals.tax.amount
    assert all(
        abs(Decimal(row[5]) - Decimal(row[4]) * Decimal("0.2")) < Decimal("0.01")
        for row in declared
    )


def test_overseas_departments_are_french_vat_at_their_own_rate():
    assert [row[:4] for row in owed(KINDS["réunion"])] == [["CA3", "FR-DOM", "S", "8.5"]]


def test_sales_without_vat_are_listed_with_their_reason():
    (row,) = owed(KINDS["germany"])

    assert row[:4] == ["", "DE", "AE", "0"]
    assert row[5:] == ["0.00", "1", "VATEX-EU-AE"]


def test_vat_on_receipts_falls_due_with_the_day_of_payment():
    found = document(person(), [item("1", "100")], seller=seller(vat_on="receipts"))
    february = {"since": date(2027, 2, 1), "until": date(2027, 2, 28)}
    late = issued(found, paid_on=date(2027, 2, 3))

    assert statement([issued(found), late], **YEAR) == {}
    assert cells(statement([late], **february))[0][4:6] == ["100.00", "20.00"]


def test_a_credit_note_takes_back_no_vat_that_never_fell_due():
    credit = document(
        person(),
        [item("1", "100")],
        seller=seller(vat_on="receipts"),
        kind="credit_note",
        corrects=("F2026-000001", TODAY),
        cause="Résiliation.",
    )

    assert owed(credit) == []
    assert owed(credit, paid_on=TODAY)[0][4:6] == ["-100.00", "-20.00"]


def test_a_credit_note_of_what_was_paid_before_falls_due_with_its_own_day():
    credit = document(
        person(),
        [item("1", "100")],
        seller=seller(vat_on="receipts"),
        kind="credit_note",
        corrects=("F2026-000001", TODAY),
        cause="Résiliation.",
    )
    earlier = TODAY - timedelta(days=100)
    before = {"since": earlier - timedelta(days=1), "until": TODAY - timedelta(days=1)}

    assert statement([issued(credit, paid_on=earlier)], **before) == {}
    assert owed(credit, paid_on=earlier)[0][4:6] == ["-100.00", "-20.00"]


def test_names_are_written_in_the_character_set_of_the_file():
    odd = document(company(name="Łódź &\tSöhne €"), [item("1", "100", label="Hébergement")])
    line = booked(odd)[0]

    assert line["CompAuxLib"] == "Lódz & Söhne €"


def test_the_columns_are_those_of_the_law_and_each_is_described():
    assert " ".join(COLUMNS) == LAW
    assert set(COLUMNS) <= {line.split(" :")[0] for line in described()}


def test_every_row_of_the_vat_table_has_a_place_in_the_statement():
    """A row that could not be placed would stop the statement of a whole period."""
    found = defaultdict(list)
    for row in tables.rows():
        vat = Vat(row=row.key, category=row.category, rate=Decimal(20 if row.rate else 0))
        lines = tuple(replace(line, vat=vat) for line in KINDS["person"].lines)
        changed = replace(KINDS["person"], lines=lines, totals=totals_of(lines, "EUR"))
        for line in owed(changed, paid_on=TODAY):
            found[line[0]].append(row.key)

    assert sum(len(keys) for keys in found.values()) == len(tables.rows())
    assert all(not tables_rate(key) for key in found[""])


def tables_rate(key: str) -> str:
    return next(row.rate for row in tables.rows() if row.key == key)


def test_an_own_chart_replaces_only_what_it_names():
    chart = charts.own('[services]\nnumber = "706120"\nname = "Hébergement"\n')

    assert chart["services"] == ("706120", "Hébergement")
    assert chart["customers"] == charts.shipped()["customers"]


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("[services", "This is not TOML"),
        ('[shoes]\nnumber = "706000"\nname = "x"\n', r"\[shoes\]: no such account"),
        ('[goods]\nnumber = "70"\nname = "x"\n', "begins with three figures"),
        ("[goods]\nnumber = 707000\nname = 'x'\n", "begins with three figures"),
        ('[goods]\nnumber = "707000"\n', "write number"),
    ],
)
def test_a_faulty_chart_says_what_to_write(text, cure):
    with pytest.raises(charts.ChartWrong, match=cure):
        charts.own(text)
