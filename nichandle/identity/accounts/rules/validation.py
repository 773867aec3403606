"""Applying the rules to what was typed."""

import re
from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from nichandle.identity.accounts.rules.model import FieldRule, NotValid
from nichandle.identity.accounts.rules.numbers import (
    COURTS,
    FRENCH_ASSOCIATION,
    FRENCH_REGISTER,
    french_vat_of,
)
from nichandle.platform.kernel.wording.text import clean

Sentence = str | Promise
_SIGNS_PER_LETTER = 4
"""
NFC makes one letter of four signs at most. What is longer than that is too long; it is cut before
it is tidied, which takes a time that grows with the square of the marks on one letter.
"""


def validate(
    values: Mapping[str, str], rules: Iterable[FieldRule], *, country: str
) -> tuple[dict[str, str], dict[str, Sentence]]:
    """
    Return what is to be stored, and for each field that is wrong a sentence that says what to do.

    Fields without a rule are left out.
    """
    stored: dict[str, str] = {}
    wrong: dict[str, Sentence] = {}
    rules = list(rules)
    for rule in rules:
        try:
            typed = str(values.get(rule.name) or "")[: rule.maximum * _SIGNS_PER_LETTER + 1]
            stored[rule.name] = _value(rule, clean(typed), country)
        except NotValid as reason:
            wrong[rule.name] = reason.sentence
    if not wrong:
        wrong.update(_together(stored, {rule.name for rule in rules}, country))
    return stored, wrong


def _value(rule: FieldRule, text: str, country: str) -> str:
    if not text:
        if rule.mandatory:
            raise NotValid(_("Fill this in: we cannot open the account without it."))
        return ""
    # Tidied first: capitals may be longer than the letters typed.
    text = rule.tidy(text) if rule.tidy else text
    if len(text) > rule.maximum:
        raise NotValid(_("Use at most %(count)s characters.") % {"count": rule.maximum})
    if not rule.fits(text):
        raise NotValid(rule.error or _("This is not complete."))
    return rule.check(text, country) if rule.check else text


def _together(stored: Mapping[str, str], names: set[str], country: str) -> dict[str, Sentence]:
    """Check what only two fields together can show."""
    company, vat = stored.get("company_number", ""), stored.get("vat_number", "")
    if country not in FRENCH_REGISTER:
        return {}
    if "association_number" in names and not (stored["association_number"] or company):
        return {"association_number": _("Give the RNA number, or the SIREN or SIRET below.")}
    entry = stored.get("association_number", "")
    by_court = bool(entry) and not re.fullmatch(FRENCH_ASSOCIATION, entry)
    if by_court and not stored.get("postcode", "").startswith(COURTS):
        return {
            "association_number": _(
                "Only the courts of Alsace and Moselle register associations: give the RNA number."
            )
        }
    if company and vat and vat[4:] != company[:9]:
        return {
            "vat_number": _(
                "This VAT number belongs to another company: for this SIREN it is %(number)s."
            )
            % {"number": french_vat_of(company)}
        }
    return {}
