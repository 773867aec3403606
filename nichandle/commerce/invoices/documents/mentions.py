"""What French law wants said on an invoice, in the language of the document."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from nichandle.commerce.invoices.facts import Document, said
from nichandle.commerce.invoices.vat.deciding import day_of
from nichandle.platform.kernel.money import Money

CONSUMERS = frozenset({"individual"})
OF_PROFESSIONALS = frozenset({"PMD", "PMT"})
"""Subjects of what only professionals owe; the French rules want them in every XML (BR-FR-05)."""
OF_PAYMENT = OF_PROFESSIONALS | {"AAB"}


@dataclass(frozen=True, slots=True)
class Mention:
    """A sentence; ``code`` is its subject in EN 16931 (BT-21), "" where it has none there."""

    code: str
    text: str


def mentions_of(document: Document) -> tuple[Mention, ...]:
    """
    Return what is to be said beside the figures, in order.

    Code de commerce, articles L441-9, L441-10 and D441-5; CGI, annexe II, article 242 nonies A;
    code de la consommation, article L616-1; code de la commande publique, article L2192-13.
    """
    mentions = [*_late(document), Mention("AAB", _("No discount for early payment."))]
    if document.seller.vat_on == "debits" and _bears_vat(document):
        mentions.append(Mention("", _("VAT is due when it is invoiced (option “débits”).")))
    mentions.append(Mention("", _operation(document)))
    if document.buyer.kind in CONSUMERS and document.seller.mediator:
        mediator = said(document.seller.mediator, document.language)
        mentions.append(Mention("", _("Consumer mediator: %(who)s.") % {"who": mediator}))
    own = (document.seller.insurance, *document.seller.mentions)
    mentions += [Mention("", said(text, document.language)) for text in own if text]
    return tuple(mentions)


def owed(document: Document) -> Money:
    """Return what is still to be paid (BT-115)."""
    paid = document.paid.amount if document.paid else Money.zero(document.currency)
    return document.totals.gross - paid


def is_settled(document: Document) -> bool:
    """Say whether all of it was paid before it was issued (BT-23 S2)."""
    return document.paid is not None and not owed(document).amount


def terms_of(document: Document) -> str:
    """Say when and how it is paid (BT-20)."""
    day = day_of(document.due_date, document.language)
    if document.kind == "credit_note":
        return _("This amount is owed to you.")
    if not document.totals.gross.amount:
        return _("Nothing is to be paid.")
    if not (document.paid and is_settled(document)):
        return _("To be paid by %(day)s.") % {"day": day}
    on = day_of(document.paid.paid_on, document.language)
    return _("Paid on %(day)s, %(means)s.") % {"day": on, "means": means_of(document)}


def means_of(document: Document) -> str:
    """Name the means of the payment that was made before the document was."""
    assert document.paid
    return {
        "card": _("by card"),
        "transfer": _("by bank transfer"),
        "direct_debit": _("by direct debit"),
    }.get(document.paid.means, _("by another means"))


def title_of(document: Document) -> str:
    """Name the kind of the document."""
    return {
        "invoice": _("Invoice"),
        "credit_note": _("Credit note"),
        "deposit": _("Deposit invoice"),
    }[document.kind]


def seller_line(document: Document, *, vat_number: bool) -> str:
    """Return what identifies the seller: form, capital, register, numbers (BT-33)."""
    seller = document.seller
    capital = _("with a capital of %(sum)s") % {"sum": seller.capital} if seller.capital else ""
    form = " ".join(part for part in (seller.legal_form, capital) if part)
    number = _("VAT %(number)s") % {"number": seller.vat_number}
    return " – ".join(
        part
        for part in (
            form,
            seller.register,
            f"SIRET {seller.siret}" if seller.siret else "",
            number if vat_number and seller.vat_number else "",
        )
        if part
    )


def _late(document: Document) -> tuple[Mention, Mention]:
    """Late interest and the indemnity: owed by professionals, and said to them (D441-5)."""
    if document.buyer.kind in CONSUMERS:
        return (
            Mention("PMD", _("Late interest: the legal rate.")),
            Mention("PMT", _("Indemnity for recovery costs: 40 €, from professionals only.")),
        )
    if document.buyer.kind == "administration":
        rate = _("the rate of the European Central Bank plus eight points")
    else:
        stated = said(document.seller.late_rate, document.language)
        rate = stated or _("three times the legal rate")
    return (
        Mention("PMD", _("Late interest: %(rate)s.") % {"rate": rate}),
        Mention("PMT", _("Flat indemnity for recovery costs when payment is late: 40 €.")),
    )


def _bears_vat(document: Document) -> bool:
    return any(row.category == "S" and row.rate for row in document.totals.vat_rows)


def _operation(document: Document) -> str:
    """Say what kind of sale it is: required since the decree of 7 October 2022."""
    goods = [line.vat.row.startswith("goods") for line in document.lines]
    if not any(goods):
        return _("Supply of services.")
    return _("Supply of goods.") if all(goods) else _("Supply of goods and services.")
