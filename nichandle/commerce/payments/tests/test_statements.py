"""Bank statements: what is certain is booked once, the rest waits, what is wrong is not taken."""

import json
from dataclasses import replace
from functools import partial

import pytest
from django.core.management import call_command
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from nichandle.commerce.payments import operations, paying, queries
from nichandle.commerce.payments.book import booking
from nichandle.commerce.payments.models import BankLine, PaymentTry, Refund, TakenStatement
from nichandle.commerce.payments.references import shown
from nichandle.commerce.payments.statements import camt as camt_files
from nichandle.commerce.payments.statements import columns, deciding, importing, matching
from nichandle.commerce.payments.statements.reading import StatementRefused
from nichandle.commerce.payments.tests.banks import IBAN, VERSIONS, Entry, camt
from nichandle.commerce.payments.tests.helpers import (
    again,
    euros,
    moved,
    now_act,
    owe,
    receive,
    told,
)
from nichandle.platform.kernel.errors import Refused

pytestmark = pytest.mark.django_db


def take(data, how=None):
    return importing.take(importing.read(data, how), act=now_act())


def only_line():
    return BankLine.objects.get()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_transfer_with_its_reference_and_amount_pays(customer, version):
    owed = owe(customer)
    with told() as heard:
        outcome = take(camt(Entry(12000, owed.reference), version=version))

    assert (outcome.booked, outcome.waiting) == (1, 0)
    assert again(owed).state == "settled"
    assert heard == [("settled", owed.cause)]
    assert only_line().name == "Diane Mercier"
    assert queries.means_of(owed.cause) == "transfer"


@pytest.mark.parametrize("form", ["plain", "grouped", "small", "in words", "split"])
def test_the_reference_is_found_in_free_text_too(customer, form):
    owed = owe(customer)
    text = {
        "plain": (owed.reference,),
        "grouped": (shown(owed.reference),),
        "small": (owed.reference.lower(),),
        "in words": (f"facture du 3, {shown(owed.reference)}, merci",),
        "split": (owed.reference[:9], owed.reference[9:]),
    }[form]
    take(camt(Entry(12000, text=text)))

    assert again(owed).state == "settled"


def test_the_same_statement_taken_again_books_nothing_again(customer):
    owed = owe(customer)
    data = camt(Entry(12000, owed.reference))
    take(data)
    outcome = take(data)

    assert (outcome.booked, outcome.known) == (0, 1)
    assert moved(owed) == [("payment", 12000)]
    assert TakenStatement.objects.count() == 1


def test_the_same_entry_in_another_statement_is_booked_once(customer):
    owed = owe(customer)
    take(camt(Entry(12000, owed.reference, bank="B77"), number="MONTH"))
    take(camt(Entry(12000, owed.reference, bank="B77"), number="DAY"))

    assert moved(owed) == [("payment", 12000)]
    assert BankLine.objects.count() == 1


@pytest.mark.parametrize("cents", [11999, 12001, 6000, 24000])
def test_another_amount_waits_for_a_person_and_is_only_suggested(customer, cents):
    owed = owe(customer)
    outcome = take(camt(Entry(cents, owed.reference)))

    assert (outcome.booked, outcome.waiting) == (0, 1)
    assert again(owed).state == "open"
    assert [each.receivable for each in matching.suggestions(only_line())] == [owed]


def test_a_line_that_names_two_waits(customer):
    first, second = owe(customer), owe(customer)
    take(camt(Entry(12000, first.reference, text=(second.reference,))))

    assert [again(each).state for each in (first, second)] == ["open", "open"]
    suggested = {each.receivable for each in matching.suggestions(only_line())}
    assert suggested == {first, second}


def test_a_line_without_reference_is_never_booked_by_itself(customer, stranger):
    owed, other = owe(customer), owe(stranger)
    take(camt(Entry(12000, text=(f"commande {owed.cause[6:]}",))))
    take(camt(Entry(12000, text=(customer.handle,), bank="X"), number="2"))
    take(camt(Entry(12000, text=("merci",), bank="Y"), number="3"))

    assert [again(each).state for each in (owed, other)] == ["open", "open"]
    suggested = [matching.suggestions(line)[0].receivable for line in queries.waiting_lines()]
    assert suggested[:2] == [owed, owed]


def test_a_wrong_check_digit_waits(customer):
    owed = owe(customer)
    wrong = "RF" + f"{(int(owed.reference[2:4]) + 1) % 100:02}" + owed.reference[4:]
    take(camt(Entry(12000, wrong)))

    assert again(owed).state == "open"


def test_what_is_paid_or_cancelled_waits_for_a_person(customer):
    paid, cancelled = owe(customer), owe(customer)
    receive(paid, 12000)
    operations.cancel(cancelled.cause, now=now_act().now)
    outcome = take(camt(Entry(12000, paid.reference), Entry(12000, cancelled.reference, bank="2")))

    assert outcome.waiting == 2


def test_one_transfer_pays_several_by_the_reference_of_their_payment(customer):
    both = [owe(customer, 1000), owe(customer, 2000)]
    numbers = [each.number for each in both]
    address = paying.begin(customer.account.pk, numbers, provider="transfer", act=now_act())
    reference = PaymentTry.objects.get().reference
    with told() as heard:
        take(camt(Entry(3000, reference)))

    assert address == f"/pay/{PaymentTry.objects.get().number}/transfer"
    assert [again(each).state for each in both] == ["settled", "settled"]
    assert heard == [("settled", each.cause) for each in both]


def test_a_batch_is_taken_apart(customer):
    first, second = owe(customer, 1000), owe(customer, 2000)
    parts = (Entry(1000, first.reference), Entry(2000, second.reference))
    outcome = take(camt(Entry(3000, parts=parts)))

    assert outcome.booked == 2
    assert [again(each).state for each in (first, second)] == ["settled", "settled"]


def test_a_batch_that_does_not_add_up_waits_as_one_line(customer):
    owed = owe(customer, 1000)
    outcome = take(camt(Entry(3000, parts=(Entry(1000, owed.reference), Entry(500)))))

    assert (outcome.booked, outcome.waiting) == (0, 1)
    assert only_line().amount == euros(3000)


def test_only_what_is_booked_counts(customer):
    owed = owe(customer)
    outcome = take(camt(Entry(12000, owed.reference, status="PDNG")))

    assert outcome.booked == outcome.waiting == 0
    assert again(owed).state == "open"


def test_what_left_is_no_customer_s_and_what_was_returned_waits(customer):
    owed = owe(customer)
    outcome = take(
        camt(
            Entry(-500, name="Electricity"),
            Entry(-12000, owed.reference, returned=True, bank="2"),
            Entry(-100, reversal=True, bank="3"),
        )
    )

    assert (outcome.aside, outcome.waiting) == (1, 2)


def test_our_own_transfer_of_a_refund_ends_it(customer):
    owed = owe(customer)
    take(camt(Entry(12000, owed.reference)))
    operations.refund(owed.cause, euros(12000), reason="withdrawn", act=now_act())
    assert queries.refunds_by_hand()
    with told() as heard:
        take(camt(Entry(-12000, owed.reference, bank="OUT"), number="2"))

    assert heard == [("refunded", owed.cause)]
    assert again(owed).state == "refunded"
    assert Refund.objects.get().state == "done"


def test_balances_that_do_not_add_up_refuse_the_whole_file(customer):
    owed = owe(customer)
    with pytest.raises(StatementRefused) as refusal:
        take(camt(Entry(12000, owed.reference), closing=1))

    assert "220.00" in str(refusal.value)
    assert not BankLine.objects.exists()
    assert again(owed).state == "open"


BOMB = (
    '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(9))
    + "]>"
)
OUTSIDE = '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not xml",
        b"<Document/>",
        b"\x00\xff",
        camt(Entry(1), extra=BOMB).replace(b"<Nm>Diane Mercier</Nm>", b"<Nm>&j;</Nm>"),
        camt(Entry(1), extra=OUTSIDE).replace(b"<Nm>Diane Mercier</Nm>", b"<Nm>&a;</Nm>"),
        camt(Entry(1), extra='<!DOCTYPE d SYSTEM "http://127.0.0.1:1/d.dtd">'),
        camt(Entry(1)).replace(b"camt.053.001.08", b"camt.053.001.99"),
        camt(Entry(1)).replace(b"camt.053.001.08", b"camt.052.001.08"),
        camt(Entry(1)).replace(b"0.01", b"NaN"),
        camt(Entry(1)).replace(b"0.01", b"1e999"),
        camt(Entry(1)).replace(b"0.01", b"0.011"),
        camt(Entry(1)).replace(b"2026-12-01</Dt></BookgDt>", b"2026-13-01</Dt></BookgDt>"),
        camt(Entry(1)).replace(b"CLBD", b"XXXX"),
        camt(Entry(1)).replace(b"CRDT", b"BOTH"),
        camt(Entry(1), iban=""),
        camt(Entry(1, bank="A"), Entry(1, bank="A")),
        b"<a>" * 300_000,
        b" " * (10 * 1024 * 1024 + 1),
    ],
    ids=range(19),
)
def test_a_hostile_or_broken_file_is_refused_whole(data):
    with pytest.raises(StatementRefused):
        take(data)
    assert not BankLine.objects.exists()


def test_another_currency_is_never_taken_for_ours(customer):
    owed = owe(customer, 12000, currency="CHF")
    take(camt(Entry(12000, owed.reference)))

    assert again(owed).state == "open"


# People decide.


def line_of(customer, cents=5000, **entry):
    owed = owe(customer)
    take(camt(Entry(cents, owed.reference, **entry)))
    return owed, only_line()


def test_a_person_assigns_a_line_by_number_reference_or_order(customer):
    owed, line = line_of(customer)
    for wrong in ("", "12", "RF00123", owed.reference[:-1]):
        with pytest.raises(deciding.NothingLikeThat):
            deciding.assign(line.pk, wrong, act=now_act())
    deciding.assign(line.pk, shown(owed.reference), act=now_act())

    assert again(owed).state == "partly"
    assert again(owed).missing == euros(7000)
    with pytest.raises(deciding.LineDecided):
        deciding.assign(line.pk, owed.number, act=now_act())
    assert moved(owed) == [("payment", 5000)]


@pytest.mark.parametrize("typed", ["number", "order"])
def test_other_names_of_what_is_owed_do_too(customer, typed):
    owed, line = line_of(customer, 13000)
    deciding.assign(line.pk, {"number": owed.number, "order": owed.cause[6:]}[typed], act=now_act())

    assert moved(owed) == [("payment", 12000), ("excess", 1000)]


def test_a_returned_transfer_that_a_person_assigns_unsettles(customer):
    owed = owe(customer)
    take(camt(Entry(12000, owed.reference)))
    take(camt(Entry(-12000, owed.reference, returned=True, bank="R"), number="2"))
    (line,) = queries.waiting_lines()
    with told() as heard:
        deciding.assign(line.pk, owed.number, act=now_act())

    assert heard == [("unsettled", owed.cause)]
    assert again(owed).state == "open"


@pytest.mark.parametrize("decide", [deciding.put_aside, deciding.send_back])
def test_a_person_says_why_a_line_is_nobody_s(customer, decide):
    _owed, line = line_of(customer)
    with pytest.raises(deciding.LineWordsMissing):
        decide(line.pk, words=" ", act=now_act())
    decide(line.pk, words="sent to us by mistake", act=now_act())

    line.refresh_from_db()
    assert line.words == "sent to us by mistake"
    assert not queries.waiting_lines()


# Columns.

CSV = """Date;Libellé;Montant;Référence;Donneur d'ordre
03/12/2026;VIR SEPA;120,00;{reference};DIANE MERCIER
03/12/2026;=HYPERLINK("http://evil.example");1 234,50;;@SUM(1+1)
04/12/2026;PRLV EDF;-45,10;;EDF
"""


@pytest.fixture
def how():
    return columns.mapping(columns.SHIPPED / "example.yaml")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_file_of_columns_is_read_by_its_mapping(customer, how, encoding):
    owed = owe(customer)
    outcome = take(CSV.format(reference=owed.reference).encode(encoding), how)

    assert (outcome.booked, outcome.waiting, outcome.aside) == (1, 1, 1)
    assert again(owed).state == "settled"
    assert [line.amount for line in queries.waiting_lines()] == [euros(123450)]


def test_overlapping_files_of_columns_book_each_line_once(customer, how):
    owed = owe(customer)
    text = CSV.format(reference=owed.reference)
    take(text.encode(), how)
    outcome = take((text + "05/12/2026;VIR;1,00;;X\n").encode(), how)

    assert (outcome.known, outcome.waiting) == (3, 2)
    assert moved(owed) == [("payment", 12000)]


def test_two_equal_lines_of_one_day_are_two(how):
    line = "03/12/2026;VIR;10,00;;X\n"
    head = CSV.splitlines()[0] + "\n"

    assert take((head + line + line).encode(), how).waiting == 2


@pytest.mark.parametrize(
    "text",
    [
        "Date;Montant\n03/12/2026;1,00\n",
        "Date;Libellé;Montant;Référence;Donneur d'ordre\n03/12/2026;a\n",
        "Date;Libellé;Montant;Référence;Donneur d'ordre\n31/02/2026;a;1,00;;b\n",
        "Date;Libellé;Montant;Référence;Donneur d'ordre\n03/12/2026;a;x;;b\n",
        "Date;Libellé;Montant;Référence;Donneur d'ordre\n03/12/2026;a;1,001;;b\n",
        "Date;Libellé;Montant;Référence;Donneur d'ordre\n03/12/2026;a;1,00;;b;c\n",
    ],
    ids=range(6),
)
def test_a_file_that_does_not_fit_its_mapping_is_refused_whole(how, text):
    with pytest.raises(StatementRefused):
        take(text.encode(), how)
    assert not BankLine.objects.exists()


@pytest.mark.parametrize(
    "text",
    ["- a", "date: a", "iban: X\ndate: a\ntext: b\namount: c", "date: [", "evil: !!python/x"],
)
def test_a_mapping_that_says_too_little_is_refused(tmp_path, text):
    file = tmp_path / "bank.yaml"
    file.write_text(text)
    with pytest.raises(StatementRefused):
        columns.mapping(file, iban="")


# The command.


def test_the_command_previews_and_takes(customer, tmp_path, capsys):
    owed = owe(customer)
    file = tmp_path / "statement.xml"
    file.write_bytes(camt(Entry(12000, owed.reference), Entry(100, text=("?",), bank="2")))
    run = partial(call_command, "statement", "import", str(file))

    run("--preview", "--json")
    rows = json.loads(capsys.readouterr().out)
    assert [(row["fate"], row["about"]) for row in rows] == [
        ("booked", [owed.number]),
        ("waiting", []),
    ]
    assert not BankLine.objects.exists()
    run("--preview")
    assert owed.number in capsys.readouterr().out

    run("--json")
    said = json.loads(capsys.readouterr().out)
    assert said == {"statements": 1, "booked": 1, "waiting": 1, "aside": 0, "known": 0}
    call_command("statement", "waiting", "--json")
    assert [row["amount"] for row in json.loads(capsys.readouterr().out)] == ["1.00"]


def test_a_preview_foretells_what_the_import_does(customer):
    owed, other = owe(customer), owe(customer)
    receive(owed, 12000)
    operations.refund(owed.cause, euros(12000), reason="withdrawn", act=now_act())
    file = camt(
        Entry(12000, other.reference, bank="1"),
        Entry(-12000, owed.reference, bank="2"),
        Entry(-900, text=("fees",), bank="3"),
        Entry(100, text=("?",), bank="4"),
    )

    foreseen = importing.preview(importing.read(file))
    assert [(each.fate, list(each.about)) for each in foreseen] == [
        ("booked", [other.number]),
        ("sent", [owed.number]),
        ("aside", []),
        ("waiting", []),
    ]
    assert not BankLine.objects.exists()

    importing.take(importing.read(file), act=now_act())
    states = list(BankLine.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["booked", "booked", "aside", "waiting"]
    assert {each.fate for each in importing.preview(importing.read(file))} == {"known"}


def test_the_command_lists_all_that_waits(monkeypatch, capsys):
    monkeypatch.setattr(queries, "MOST_LINES", 1)
    entries = [Entry(100 + number, text=("?",), bank=str(number)) for number in range(3)]
    importing.take(importing.read(camt(*entries)), act=now_act())

    call_command("statement", "waiting", "--json")
    assert len(json.loads(capsys.readouterr().out)) == 3


def test_the_command_takes_columns(customer, tmp_path, capsys):
    file = tmp_path / "statement.csv"
    file.write_text(CSV.format(reference=owe(customer).reference))
    mapping = columns.SHIPPED / "example.yaml"
    call_command("statement", "import", str(file), "--mapping", str(mapping), "--iban", IBAN)

    assert "1 lines booked" in capsys.readouterr().out


def test_a_refused_statement_says_why_to_the_operator(tmp_path):
    file = tmp_path / "statement.xml"
    file.write_bytes(b"<a/>")
    with translation.override("en"), pytest.raises(Refused, match="not taken"):
        call_command("statement", "import", str(file))


@pytest.mark.parametrize("bank", ["NONREF", "NOTPROVIDED", ""])
def test_payments_of_one_amount_are_two_where_the_bank_gives_entries_no_number(customer, bank):
    first, second = owe(customer), owe(customer)

    for day, owed in enumerate((first, second), start=1):
        data = camt(Entry(12000, owed.reference, bank="BANK"), number=f"DAY-{day}")
        # Many banks count the entries of each statement from 1.
        ours = f"<NtryRef>1</NtryRef><AcctSvcrRef>{bank}</AcctSvcrRef>"
        take(data.replace(b"<AcctSvcrRef>BANK</AcctSvcrRef>", ours.encode()))

    assert [again(each).state for each in (first, second)] == ["settled", "settled"]


def test_two_payments_of_one_amount_on_one_day_are_two_without_numbers(customer):
    first, second = owe(customer), owe(customer)
    entries = [Entry(12000, owed.reference, bank="NONREF") for owed in (first, second)]

    take(camt(*entries))

    assert [again(each).state for each in (first, second)] == ["settled", "settled"]


@pytest.mark.parametrize("amount", ["1e999999999", "-1e999999999", "1e-999999999"])
def test_an_amount_that_nobody_can_reckon_with_refuses_the_file(amount):
    with pytest.raises(StatementRefused):
        take(camt(Entry(12000)).replace(b"120.00</Amt>", f"{amount}</Amt>".encode()))


# One line is booked altogether or not at all.


def two_by_one_transfer(customer):
    both = [owe(customer, 1000), owe(customer, 2000)]
    numbers = [each.number for each in both]
    paying.begin(customer.account.pk, numbers, provider="transfer", act=now_act())
    return both, PaymentTry.objects.get().reference


def test_a_transfer_for_several_that_is_cut_short_pays_none_and_then_all(customer, monkeypatch):
    both, reference = two_by_one_transfer(customer)
    data, really = camt(Entry(3000, reference)), booking.receive

    def dies(owed, *args, **more):
        if owed.pk == both[1].pk:
            raise RecursionError
        really(owed, *args, **more)

    monkeypatch.setattr(booking, "receive", dies)
    with pytest.raises(RecursionError):
        take(data)
    assert [moved(each) for each in both] == [[], []]
    monkeypatch.undo()
    take(data)

    assert [moved(each) for each in both] == [[("payment", 1000)], [("payment", 2000)]]


def test_a_transfer_for_several_that_was_cut_short_counts_once_for_whom_a_person_says(
    customer, monkeypatch
):
    both, reference = two_by_one_transfer(customer)
    with monkeypatch.context() as dying:
        dying.setattr(importing, "settle", lambda *_args, **_more: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take(camt(Entry(3000, reference)))
    deciding.assign(only_line().pk, both[1].number, act=now_act())

    assert moved(both[0]) == []
    assert moved(both[1]) == [("payment", 2000), ("excess", 1000)]


@pytest.mark.parametrize("which", [0, 1])
def test_what_was_paid_before_the_lock_leaves_the_line_to_a_person(customer, monkeypatch, which):
    both, reference = two_by_one_transfer(customer)
    really = matching.certain

    def slow(line):
        found = really(line)
        receive(both[which], 500, "bank:faster")
        return found

    monkeypatch.setattr(matching, "certain", slow)
    outcome = take(camt(Entry(3000, reference)))

    assert (outcome.booked, outcome.waiting) == (0, 1)
    assert moved(both[which]) == [("payment", 500)]
    assert moved(both[1 - which]) == []


# Refunds that people send.


def two_equal_refunds(customer):
    owed = owe(customer)
    take(camt(Entry(12000, owed.reference)))
    for reason in ("withdrawn", "operator"):
        operations.refund(owed.cause, euros(3000), reason=reason, act=now_act())
    return owed, list(Refund.objects.order_by("pk"))


def left(owed, number, cents=3000, **entry):
    take(camt(Entry(-cents, owed.reference, bank=f"OUT{number}", **entry), number=f"OUT{number}"))


def states():
    return list(Refund.objects.order_by("pk").values_list("state", flat=True))


def test_of_equal_refunds_the_oldest_ends_first_and_each_by_a_line_of_its_own(customer):
    owed, (first, second) = two_equal_refunds(customer)
    left(owed, 1)
    assert states() == ["done", "by_hand"]
    left(owed, 1)
    assert states() == ["done", "by_hand"]
    left(owed, 2)

    assert states() == ["done", "done"]
    lines = list(BankLine.objects.filter(amount_minor=-3000).order_by("pk"))
    first.refresh_from_db()
    second.refresh_from_db()
    assert [first.line, second.line] == lines
    assert {line.receivable_id for line in lines} == {owed.pk}


def test_a_line_of_what_people_have_said_already_ends_no_other(customer):
    owed, (_first, second) = two_equal_refunds(customer)
    deciding.sent_by_hand(second.pk, act=now_act())
    left(owed, 1)

    assert states() == ["by_hand", "done"]
    left(owed, 2)
    assert states() == ["done", "done"]
    assert moved(owed)[1:] == [("refund", 3000)] * 2


@pytest.mark.parametrize("entry", [{"cents": 2999}, {"cents": 3001}, {"returned": True}], ids=str)
def test_a_line_of_another_amount_or_one_that_came_back_ends_no_refund(customer, entry):
    owed, _refunds = two_equal_refunds(customer)
    left(owed, 1, **entry)

    assert states() == ["by_hand", "by_hand"]


# What columns say, and in which currency.

HEAD = "Date;Libellé;Montant;Référence;Donneur d'ordre\n"


def amount_of(text, how):
    ((line,),) = (found.lines for found in columns.read(f"{HEAD}{text}".encode(), how))
    return line.amount


@pytest.mark.parametrize(
    ("decimal", "text"),
    [
        (",", "120.00"),
        (",", "1.00"),
        (",", "12.34,56"),
        (",", "1.2345,00"),
        (",", "1 23,00"),
        (",", "1.234 567,00"),
        (",", "1,234,567"),
        (".", "120,00"),
        (".", "1,2345.00"),
        (",", "1234.567,00"),
        (",", "1e3"),
        (",", ""),
        (",", "-"),
        (",", "١٢٠,٠٠"),
    ],
)
def test_an_amount_of_another_form_refuses_the_file_and_names_the_line(how, decimal, text):
    rows = f"03/12/2026;a;1{decimal}00;;b\n03/12/2026;a;{text};;b\n"
    with translation.override("en"), pytest.raises(StatementRefused, match="line 3: “") as refusal:
        amount_of(rows, replace(how, decimal=decimal))

    assert text in str(refusal.value)


@given(
    units=st.integers(-(10**14), 10**14),
    decimal=st.sampled_from([",", "."]),
    mark=st.sampled_from(["", "other", " ", "\u00a0", "\u202f"]),
    plus=st.sampled_from(["", "+"]),
)
def test_an_amount_is_read_as_it_is_written_whatever_the_marks(units, decimal, mark, plus):
    grouping = {",": ".", ".": ","}[decimal] if mark == "other" else mark
    whole, cents = divmod(abs(units), 100)
    sign = "-" if units < 0 else plus
    text = f"{sign}{f'{whole:,}'.replace(',', grouping)}{decimal}{cents:02}"
    how = columns.ColumnMapping(IBAN, "Date", "Libellé", amount="Montant", decimal=decimal)

    assert amount_of(f"03/12/2026;a;{text};;b\n", how) == euros(units)


@pytest.mark.parametrize("amount", [12000, -500])
def test_an_entry_in_another_currency_than_the_account_refuses_the_file(amount):
    with pytest.raises(StatementRefused):
        take(camt(Entry(amount, currency="CHF")))
    assert not BankLine.objects.exists()


def test_a_closing_balance_in_another_currency_refuses_the_file():
    head, found, tail = camt(Entry(100)).rpartition(b'<Amt Ccy="EUR">101.00')
    assert found
    with pytest.raises(StatementRefused):
        take(head + b'<Amt Ccy="CHF">101.00' + tail)


# The bounds.


def test_a_file_of_as_many_lines_as_are_read_is_taken_and_of_one_more_is_not(how, monkeypatch):
    for module in (camt_files, columns):
        monkeypatch.setattr(module, "MOST_LINES", 3)
    row = "03/12/2026;a;1,00;;b\n"
    for count in (3, 4):
        entries = [Entry(100, bank=f"B{each}") for each in range(count)]
        for data, form in ((camt(*entries), None), ((HEAD + row * count).encode(), how)):
            if count == 3:
                assert len(importing.read(data, form)[0].lines) == 3
            else:
                with translation.override("en"), pytest.raises(StatementRefused, match="too many"):
                    importing.read(data, form)


@pytest.mark.parametrize("form", ["camt", "columns"])
def test_a_file_is_read_to_its_last_allowed_byte_and_not_beyond(how, form, monkeypatch):
    columns_file = f"{HEAD}03/12/2026;a;1,00;;b\n".encode()
    data, mapped = (camt(Entry(100)), None) if form == "camt" else (columns_file, how)
    for module in (camt_files, columns):
        monkeypatch.setattr(module, "LARGEST", len(data))
    assert importing.read(data, mapped)
    with translation.override("en"), pytest.raises(StatementRefused, match="too large"):
        importing.read(data + b"\n", mapped)


def test_a_line_is_not_assigned_to_what_is_owed_in_another_currency(customer):
    owed = owe(customer, 12000, currency="CHF")
    take(camt(Entry(12000, owed.reference)))
    with pytest.raises(deciding.OtherCurrency):
        deciding.assign(only_line().pk, owed.number, act=now_act())

    assert moved(owed) == []
    assert queries.waiting_lines() == [only_line()]
