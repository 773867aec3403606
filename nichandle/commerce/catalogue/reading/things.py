"""The things of a catalogue, each read from its entries."""

from collections.abc import Collection
from datetime import date
from typing import Final, cast, get_args

from nichandle.commerce.catalogue.offers import (
    Alternative,
    Family,
    Price,
    Product,
    ProductQuestion,
    RefundPolicy,
    RefundRule,
    Rule,
    Terms,
    VatClass,
    WithdrawalPolicy,
)
from nichandle.commerce.catalogue.reading.fields import Fields
from nichandle.commerce.catalogue.reading.nodes import Entries, Scalar
from nichandle.platform.kernel.money import Money

CODE, FAMILY_CODE, VERSION = 32, 16, 32
NAME, SUMMARY, FEATURE, HELP, DESCRIPTION, TERMS = 80, 240, 160, 240, 400, 60_000
MOST_QUESTIONS, MOST_MONTHS, MOST_DAYS = 10, 36, 366
ONCE: Final = 1
"""The period that stands in the price of what is bought once."""
RESERVED: Final = {"basket", "checkout", "product", "terms", "add", "remove"}
"""Addresses below /order that are no families."""

Currencies = Collection[str]


def family(code: str, fields: Fields) -> Family:
    if code in RESERVED:
        fields.wrong(fields.line, f"{code!r} is an address of the shop", "Choose another code")
    made = Family(
        code=code,
        name=fields.said("name", longest=NAME),
        description=fields.said("description", longest=DESCRIPTION),
    )
    fields.done()
    return made


def terms(code: str, fields: Fields) -> Terms:
    made = Terms(
        code=code,
        version=fields.text("version", longest=VERSION),
        title=fields.said("title", longest=NAME),
        text=fields.said("text", longest=TERMS),
    )
    fields.done()
    return made


def product(code: str, fields: Fields, *, currency: str, currencies: Currencies) -> Product:
    lasting = fields.flag("lasting", default=True)
    made = Product(
        code=code,
        family=fields.code("family", "family", longest=CODE),
        name=fields.said("name", longest=NAME),
        summary=fields.said("summary", longest=SUMMARY),
        features=fields.texts("features", longest=FEATURE),
        vat_class=cast(VatClass, fields.word("vat_class", get_args(VatClass))),
        prices=_prices(fields, currency, currencies, lasting=lasting),
        questions=_questions(fields),
        terms=fields.codes("terms", "terms"),
        withdrawal=_withdrawal(fields),
        refund=_refund(fields),
        upgrades=fields.codes("upgrades", "product"),
        downgrades=fields.codes("downgrades", "product"),
        lasting=lasting,
        offered=fields.flag("offered", default=True),
    )
    if not made.terms:
        fields.wrong(fields.line, "no terms are named", "Add “terms: [code]”")
    fields.done()
    return made


def _prices(
    fields: Fields, currency: str, currencies: Currencies, *, lasting: bool
) -> tuple[Price, ...]:
    found: list[Price] = []
    begun = set[tuple[date, str]]()
    for place, node in enumerate(fields.items("prices"), 1):
        tariff = Fields(node, f"{fields.place}, prices {place}", fields.notes, line=node.line)
        prices = _tariff(tariff, currency, currencies, lasting=lasting)
        key = {(price.since, price.amount.currency) for price in prices}
        if key & begun:
            tariff.wrong(tariff.line, "these begin on the day of others", "Make one list of them")
        begun |= key
        found += prices
    if found and not any(price.amount.currency == currency for price in found):
        fields.wrong(fields.line_of("prices"), f"there is no price in {currency}", "Add one")
    return tuple(found)


def _tariff(fields: Fields, currency: str, currencies: Currencies, *, lasting: bool) -> list[Price]:
    since = fields.day("since")
    spoken = fields.word("currency", currencies, default=currency)
    setup = fields.amount("setup", spoken)
    amounts = _periods(fields, spoken) if lasting else _once(fields, spoken)
    fields.done()
    return [Price(since, months, amount, setup) for months, amount in amounts]


def _periods(fields: Fields, currency: str) -> list[tuple[int, Money]]:
    node = fields.node("periods")
    if node is None:
        return []
    if not isinstance(node, Entries) or not node.nodes:
        cure = "Write lines such as “12: 49.90”"
        fields.wrong(node.line, "months with their prices are expected here", cure, place="periods")
        return []
    found: dict[int, Money] = {}
    for text, each in node.nodes.items():
        line = node.lines[text]
        months = fields.number(Scalar(text, line), least=1, most=MOST_MONTHS, name="periods")
        found[months] = fields.money(each, currency, f"periods, {text}")
    return list(found.items())


def _once(fields: Fields, currency: str) -> list[tuple[int, Money]]:
    node = fields.node("price")
    return [(ONCE, fields.money(node, currency, "price"))] if node else []


def _questions(fields: Fields) -> tuple[ProductQuestion, ...]:
    found = [
        _question(code, Fields(node, f"{fields.place}, questions, {code}", fields.notes, line=line))
        for code, node, line in fields.named("questions", longest=CODE, needed=False)
    ]
    if len(found) > MOST_QUESTIONS:
        cure = f"Ask at most {MOST_QUESTIONS}"
        fields.wrong(fields.line_of("questions"), f"there are {len(found)} questions", cure)
    return tuple(found)


def _question(code: str, fields: Fields) -> ProductQuestion:
    rule = cast(Rule, fields.word("rule", get_args(Rule)))
    made = ProductQuestion(
        code=code,
        label=fields.said("label", longest=NAME),
        help=fields.said("help", longest=HELP, needed=False),
        rule=rule,
        required=fields.flag("required", default=True),
        choices=_choices(fields) if rule == "choice" else (),
        suffixes=_suffixes(fields) if rule == "domain" else (),
    )
    fields.done()
    return made


def _choices(fields: Fields) -> tuple[Alternative, ...]:
    return tuple(
        Alternative(code, fields.words(node, longest=NAME, name=f"choices, {code}", line=line))
        for code, node, line in fields.named("choices", longest=CODE)
    )


def _suffixes(fields: Fields) -> tuple[str, ...]:
    found = []
    for node in fields.items("suffixes", needed=False):
        text = node.text if isinstance(node, Scalar) else ""
        name = text.removeprefix(".").replace(".", "").replace("-", "")
        if not (text.startswith(".") and name.isascii() and name.isalnum() and text.islower()):
            cure = "Write a point and small letters: .fr"
            fields.wrong(node.line, f"{text!r} is no ending of names", cure, place="suffixes")
        found.append(text)
    return tuple(found)


def _withdrawal(fields: Fields) -> WithdrawalPolicy:
    inner = fields.inner("withdrawal")
    allowed = inner.flag("allowed")
    reason = inner.said("reason", longest=DESCRIPTION, needed=not allowed)
    inner.done()
    return WithdrawalPolicy(allowed, reason)


def _refund(fields: Fields) -> RefundPolicy:
    inner = fields.inner("refund")
    rule = cast(RefundRule, inner.word("rule", get_args(RefundRule)))
    days = inner.whole("days", least=1, most=MOST_DAYS) if rule == "whole" else 0
    made = RefundPolicy(rule, days, inner.said("text", longest=DESCRIPTION))
    inner.done()
    return made
