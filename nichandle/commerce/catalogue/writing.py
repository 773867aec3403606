"""A catalogue as plain values, in the form of the operator's file: kept, compared, shown."""

import hashlib
import json
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from nichandle.commerce.catalogue.offers import Catalogue, Price, Product, ProductQuestion, Text

Plain = dict[str, Any]


def plain(catalogue: Catalogue) -> Plain:
    """Return what ``reading.file.of_plain`` reads: dictionaries, lists and texts, amounts too."""
    return {
        "currency": catalogue.currency,
        "currencies": list(catalogue.currencies),
        "families": {
            each.code: {"name": _said(each.name), "description": _said(each.description)}
            for each in catalogue.families
        },
        "terms": {
            each.code: {
                "version": each.version,
                "title": _said(each.title),
                "text": _said(each.text),
            }
            for each in catalogue.terms
        },
        "products": {each.code: _product(each) for each in catalogue.products},
    }


def canonical(content: Mapping[str, Any]) -> str:
    """
    Write plain values as JSON in one way only.

    Names keep the order of the file: it is the order in which the shop shows things.
    """
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def digest(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the canonical JSON: two catalogues that say the same have the same."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def _product(product: Product) -> Plain:
    written: Plain = {
        "family": product.family,
        "name": _said(product.name),
        "summary": _said(product.summary),
        "features": [_said(each) for each in product.features],
        "vat_class": product.vat_class,
        "lasting": _flag(product.lasting),
        "offered": _flag(product.offered),
        "prices": _prices(product),
        "questions": {each.code: _question(each) for each in product.questions},
        "terms": list(product.terms),
        "withdrawal": {"allowed": _flag(product.withdrawal.allowed)},
        "refund": {"rule": product.refund.rule, "text": _said(product.refund.text)},
        "upgrades": list(product.upgrades),
        "downgrades": list(product.downgrades),
    }
    if product.withdrawal.reason.words:
        written["withdrawal"]["reason"] = _said(product.withdrawal.reason)
    if product.refund.days:
        written["refund"]["days"] = str(product.refund.days)
    return written


def _prices(product: Product) -> list[Plain]:
    tariffs = groupby(product.prices, key=lambda each: (each.since, each.setup))
    return [_tariff(list(prices), lasting=product.lasting) for _key, prices in tariffs]


def _tariff(prices: list[Price], *, lasting: bool) -> Plain:
    first = prices[0]
    written: Plain = {
        "since": first.since.isoformat(),
        "currency": first.amount.currency,
        "setup": f"{first.setup.amount:f}",
    }
    if lasting:
        written["periods"] = {str(each.period_months): f"{each.amount.amount:f}" for each in prices}
    else:
        written["price"] = f"{first.amount.amount:f}"
    return written


def _question(question: ProductQuestion) -> Plain:
    written: Plain = {
        "label": _said(question.label),
        "rule": question.rule,
        "required": _flag(question.required),
    }
    if question.help.words:
        written["help"] = _said(question.help)
    if question.choices:
        written["choices"] = {each.code: _said(each.label) for each in question.choices}
    if question.suffixes:
        written["suffixes"] = list(question.suffixes)
    return written


def _said(text: Text) -> dict[str, str]:
    return dict(text.words)


def _flag(value: bool) -> str:
    return "yes" if value else "no"
