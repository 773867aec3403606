"""
Entries in the columns of the French file of accounting entries (FEC).

Livre des procédures fiscales, article A47 A-1. Ours are the journals of sales: the accounting
program adds the others. Each series of numbers has a journal of its own, so that the number of the
document is the number of the entry, and runs without a gap.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from nichandle.commerce.invoices.accounting.bookings import Booking, Posting
from nichandle.commerce.invoices.accounting.issued import HOME
from nichandle.platform.kernel.money import Money

ENCODING = "iso8859-15"
"""One of the three character sets of A47 A-1, III, and the only one that has the euro."""
COLUMNS = {
    "JournalCode": "code du journal",
    "JournalLib": "libellé du journal",
    "EcritureNum": "numéro de la pièce, suite continue par journal et par an",
    "EcritureDate": "date de comptabilisation : jour d'émission",
    "CompteNum": "numéro de compte",
    "CompteLib": "libellé du compte",
    "CompAuxNum": "identifiant client",
    "CompAuxLib": "nom du client",
    "PieceRef": "numéro de la pièce",
    "PieceDate": "date de la pièce",
    "EcritureLib": "libellé de l'écriture",
    "Debit": "débit en euros",
    "Credit": "crédit en euros",
    "EcritureLet": "lettrage : vide",
    "DateLet": "date de lettrage : vide",
    "ValidDate": "date de validation : jour d'émission, la pièce ne change plus",
    "Montantdevise": "montant dû dans la devise de la pièce",
    "Idevise": "devise de la pièce",
}
SALES, CREDITS = ("VE", "Ventes"), ("AV", "Avoirs")
_WORDS = {"invoice": "Facture", "deposit": "Acompte", "credit_note": "Avoir"}
_LETTERS = {"ß": "ss", "Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "’": "'", "–": "-"}


def written(bookings: Iterable[Booking]) -> Iterator[bytes]:
    """Yield the file, line by line: tabs between columns, CR LF after each line."""
    yield _line(COLUMNS)
    for booking in bookings:
        for posting in booking.postings:
            yield _line(_row(booking, posting))


def described() -> Iterator[str]:
    """Yield the description that must come with each file (A47 A-1, II)."""
    yield f"Jeu de caractères : {ENCODING.upper()}. Séparateur de zone : tabulation."
    yield "Séparateur d'enregistrement : CR LF. Longueur variable, première ligne d'en-tête."
    yield "Dates : AAAAMMJJ. Montants : virgule décimale, deux décimales, sans séparateur."
    for journal in (SALES, CREDITS):
        yield f"Journal {journal[0]} : {journal[1]}."
    yield from (f"{name} : {meaning}." for name, meaning in COLUMNS.items())


def _row(booking: Booking, posting: Posting) -> list[str]:
    issued, document = booking.issued, booking.issued.document
    journal = CREDITS if document.kind == "credit_note" else SALES
    client = posting is booking.postings[0]
    foreign = client and document.currency != HOME
    return [
        *journal,
        issued.number,
        _day(issued.on),
        *posting.ledger,
        document.buyer.handle if client else "",
        document.buyer.name if client else "",
        issued.number,
        _day(issued.on),
        f"{_WORDS[document.kind]} {issued.number} {document.buyer.name}",
        _amount(posting.debit),
        _amount(posting.credit),
        "",
        "",
        _day(issued.on),
        _number(document.totals.gross.amount * issued.sign) if foreign else "",
        document.currency if foreign else "",
    ]


def _line(cells: Iterable[str]) -> bytes:
    return b"\t".join(_encoded(cell) for cell in cells) + b"\r\n"


def _encoded(cell: str) -> bytes:
    """Write what the character set lacks without its accents, and the rest as a question mark."""
    flat = " ".join("".join(max(c, " ") for c in cell).split())
    return "".join(map(_letter, flat)).encode(ENCODING, "replace")


def _letter(letter: str) -> str:
    try:
        letter.encode(ENCODING)
    except UnicodeEncodeError:
        plain = unicodedata.normalize("NFKD", _LETTERS.get(letter, letter))
        return "".join(part for part in plain if not unicodedata.combining(part))
    return letter


def _day(on: date) -> str:
    return f"{on:%Y%m%d}"


def _amount(amount: Money) -> str:
    return _number(amount.amount)


def _number(number: Decimal) -> str:
    return f"{number:.2f}".replace(".", ",")
