"""What an invoice says, as plain values: copied when it is made, and never looked up again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from nichandle.commerce.invoices.frozen.snapshots import Snapshot
from nichandle.platform.kernel.money import Money

Said = Mapping[str, str]
"""A text by language: ``{"fr": …, "en": …}``."""


def said(text: Said, language: str) -> str:
    """Return the text in ``language``, else in the language that was written first."""
    return text.get(language) or next(iter(text.values()), "")


@dataclass(frozen=True, slots=True)
class Party(Snapshot):
    """
    The customer as an invoice names them.

    ``kind`` is one of ``accounts.Account.Kind``; ``country`` an ISO 3166 code; ``company_number``
    the SIREN and ``establishment_number`` the SIRET where France registered them.
    ``electronic_address`` is scheme and value (``0225:732829320``), where e-invoices arrive.
    ``service_code`` is what a public body wants named (BT-10).
    """

    name: str
    lines: tuple[str, ...]
    postcode: str
    city: str
    country: str
    kind: str
    company_number: str = ""
    establishment_number: str = ""
    vat_number: str = ""
    email: str = ""
    handle: str = ""
    given_name: str = ""
    family_name: str = ""
    electronic_address: str = ""
    service_code: str = ""


@dataclass(frozen=True, slots=True)
class Seller(Snapshot):
    """
    Who sells: what the law wants named, and what decides on VAT.

    ``regime`` is ``franchise`` under article 293 B of the CGI; ``oss`` says that consumers of
    other member states pay their own state's rate; ``vat_on`` when VAT falls due (``debits``: when
    it is invoiced, ``receipts``: when it is paid). ``local_vat_numbers`` are those held in other
    member states, by country. ``electronic_address`` receives the statuses of e-invoices (BT-34).
    """

    name: str
    lines: tuple[str, ...]
    postcode: str
    city: str
    country: str = "FR"
    legal_form: str = ""
    capital: str = ""
    register: str = ""
    siren: str = ""
    siret: str = ""
    vat_number: str = ""
    regime: Literal["normal", "franchise"] = "normal"
    oss: bool = False
    vat_on: Literal["debits", "receipts"] = "receipts"
    local_vat_numbers: Mapping[str, str] = field(default_factory=dict)
    iban: str = ""
    bic: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    electronic_address: str = ""
    mediator: Said = field(default_factory=dict)
    insurance: Said = field(default_factory=dict)
    late_rate: Said = field(default_factory=dict)
    mentions: tuple[Said, ...] = ()
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Sign(Snapshot):
    """One item of evidence where a customer is; ``source`` such as ``bank`` or ``network``."""

    country: str
    source: str


@dataclass(frozen=True, slots=True)
class Evidence(Snapshot):
    """
    What is known about a customer besides what they say, and from whom.

    ``answer`` is what VIES said of ``vat_number`` on ``answered_on``: ``silent`` when it did not
    answer, which is not a no. ``places`` are the items of article 24f of Regulation 282/2011.
    ``eu_sales`` are the seller's sales to consumers of other member states, in euros before tax,
    the larger of this year's and last year's: what article 59c of Directive 2006/112 counts.
    ``resells_telecom`` is what a customer declared who buys telecommunications to sell them again.
    """

    vat_number: str = ""
    answer: Literal["none", "valid", "invalid", "silent"] = "none"
    answered_on: date | None = None
    consultation: str = ""
    places: tuple[Sign, ...] = ()
    eu_sales: Decimal = Decimal(0)
    resells_telecom: bool = False


@dataclass(frozen=True, slots=True)
class Vat(Snapshot):
    """
    What VAT a line bears, and why.

    ``row`` is the row of the decision table; ``category`` BT-118 and ``rate`` BT-119 in percent of
    EN 16931; ``code`` and ``text`` the reason why none is charged (BT-121, BT-120), else empty;
    ``reason`` the sentence that explains the decision to whoever asks. ``channel`` is how France
    wants it told: ``invoice`` (e-invoice), else what a report calls it: ``B2BINT`` a business
    abroad, ``TPS1`` services taxed in France, ``TLB1`` goods, ``TNT1`` not taxed in France.
    """

    row: str
    category: str
    rate: Decimal
    code: str = ""
    text: Said = field(default_factory=dict)
    reason: Said = field(default_factory=dict)
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Line(Snapshot):
    """
    One line; ``unit`` a code of UN/ECE recommendation 20: ``C62`` one, ``MON`` month, ``ANN`` year.

    ``details`` is what stands below the label, such as the service; ``unit_price`` is before tax.
    """

    label: str
    details: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    net: Money
    vat: Vat
    period: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class VatRow(Snapshot):
    """The VAT of one category and rate, on the sum of its lines."""

    category: str
    rate: Decimal
    base: Money
    tax: Money
    code: str = ""
    text: Said = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Totals(Snapshot):
    """Sum before tax, VAT by category and rate, whole VAT, sum with tax."""

    net: Money
    vat_rows: tuple[VatRow, ...]
    tax: Money
    gross: Money


@dataclass(frozen=True, slots=True)
class Payment(Snapshot):
    """What was paid before the document was issued; ``means`` such as ``card`` or ``transfer``."""

    amount: Money
    paid_on: date
    means: str


@dataclass(frozen=True, slots=True)
class Conversion(Snapshot):
    """The VAT in the seller's currency (BT-111), by the rate ``source`` gave for ``on``."""

    tax: Money
    rate: Decimal
    on: date
    source: str


@dataclass(frozen=True, slots=True)
class Document(Snapshot):
    """
    All that a document says, but its number and its date.

    ``corrects`` is number and date of what a credit note corrects, and ``cause`` why; amounts of
    a credit note are positive. ``delivered_on`` is when the service was rendered or began.
    ``paid`` is set where it was paid before it was issued. ``reference`` is the creditor reference
    (ISO 11649) that finds a transfer. ``evidence`` is what was known when VAT was decided:
    kept, not printed.
    """

    kind: Literal["invoice", "credit_note", "deposit"]
    language: str
    currency: str
    seller: Seller
    buyer: Party
    lines: tuple[Line, ...]
    totals: Totals
    due_date: date
    delivered_on: date | None = None
    paid: Payment | None = None
    corrects: tuple[str, date] | None = None
    purchase_order: str = ""
    reference: str = ""
    cause: str = ""
    conversion: Conversion | None = None
    evidence: Evidence | None = None
