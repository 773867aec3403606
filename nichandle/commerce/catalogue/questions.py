"""What is answered to a product's questions: judged, and brought to one form."""

import re
from typing import Final

from django.utils.translation import gettext_lazy as _

from nichandle.commerce.catalogue.offers import ProductQuestion
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording.text import clean

LONGEST: Final = 253
"""The longest domain name (RFC 1035 section 2.3.4), written without its last dot."""
_LABEL = re.compile(r"(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
"""A label of a host name (RFC 1123 section 2.1), but no A-label: those are made, not typed."""
_SCHEME = re.compile(r"(?i)[a-z]+://")


class AnswerNotValid(Refused):
    """``why`` is what is wrong with an answer, one of ``sentences``."""

    code = "catalogue.answer_not_valid"
    message = _("This answer does not fit the question.")
    sentences: Final = {
        "missing": _("Answer this question."),
        "long": _("This is too long."),
        "domain": _("Enter a domain name, such as mercier.example."),
        "suffix": _("Enter a domain name that ends in %(suffixes)s, with one part before it."),
        "host": _("Enter a complete host name, such as www.mercier.example."),
        "label": _("Enter one word of letters without accents, digits and hyphens."),
        "email": _("Enter a complete e-mail address, such as diane@example.org."),
        "choice": _("Choose one of the answers."),
    }

    def __init__(self, why: str, *, suffixes: str = "") -> None:
        self.why = why
        super().__init__(suffixes=suffixes)

    def __str__(self) -> str:
        return str(self.sentences[self.why]) % self.params


def answer(question: ProductQuestion, raw: str) -> str:
    """
    Return an answer in the form in which it is kept: names in small letters, as A-labels.

    Empty where none was given and none is needed.

    :raises AnswerNotValid: saying what to write
    """
    if len(raw) > LONGEST:
        raise AnswerNotValid("long")
    given = clean(raw)
    if not given:
        if question.required:
            raise AnswerNotValid("choice" if question.rule == "choice" else "missing")
        return ""
    match question.rule:
        case "domain":
            return _domain(given, question.suffixes)
        case "host":
            return _host(given, "host")
        case "label":
            return _label(given)
        case "email":
            return _email(given)
    if given not in {each.code for each in question.choices}:
        raise AnswerNotValid("choice")
    return given


def _domain(given: str, suffixes: tuple[str, ...]) -> str:
    if not suffixes:
        return _host(given, "domain")
    listed = ", ".join(suffixes)
    if len(suffixes) == 1 and "." not in given:
        given += suffixes[0]
    try:
        name = _host(given, "domain")
    except AnswerNotValid as wrong:
        raise AnswerNotValid("suffix", suffixes=listed) from wrong
    for suffix in suffixes:
        label = name.removesuffix(suffix)
        if label != name and label and "." not in label:
            return name
    raise AnswerNotValid("suffix", suffixes=listed)


def _host(given: str, why: str) -> str:
    """Return a name of at least two labels; one pasted as a web address loses what surrounds it."""
    bare = _SCHEME.sub("", given, count=1).partition("/")[0].removesuffix(".")
    name = addresses.encoded(bare)
    if name is None or "." not in name or name.rpartition(".")[2].isdecimal():
        raise AnswerNotValid(why)
    return name


def _label(given: str) -> str:
    label = given.lower()
    if not _LABEL.fullmatch(label):
        raise AnswerNotValid("label")
    return label


def _email(given: str) -> str:
    try:
        return addresses.check(given)
    except addresses.AddressNotValid as wrong:
        raise AnswerNotValid("email") from wrong
