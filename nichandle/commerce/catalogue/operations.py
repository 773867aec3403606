"""Taking a catalogue over: the next edition of what is sold."""

import json
import logging
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from nichandle.commerce.catalogue import writing
from nichandle.commerce.catalogue.models import Edition
from nichandle.commerce.catalogue.offers import Terms
from nichandle.commerce.catalogue.reading.faults import CatalogueFault, CatalogueWrong
from nichandle.commerce.catalogue.reading.file import CatalogueRead, of_plain, read

log = logging.getLogger("nichandle.catalogue")


def adopt(text: bytes | str, *, now: datetime, name: str = "") -> Edition:
    """
    Make a catalogue the one that is sold; what is sold already stays the same edition.

    :raises CatalogueWrong: with every fault, headed by ``name``; what was sold is sold on
    """
    found = _read(text, name)
    content = writing.plain(found.catalogue)
    made = Edition(
        digest=writing.digest(content),
        languages=list(found.catalogue.languages),
        content=writing.canonical(content),
        adopted_at=now,
    )
    while True:
        newest = Edition.objects.order_by("-number").first()
        if newest and (newest.digest, newest.languages) == (made.digest, made.languages):
            return newest
        _judge_terms(found, newest, name)
        made.number = newest.number + 1 if newest else 1
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError:
            # Somebody else has taken the number: what they took over comes before ours.
            continue
        if newest:
            log.info("edition %s of the catalogue is sold from now on", made.number)
        return made


def judge(text: bytes | str, *, name: str = "") -> CatalogueRead:
    """
    Read a catalogue as ``adopt`` would, and change nothing.

    :raises CatalogueWrong: as ``adopt`` does
    """
    found = _read(text, name)
    _judge_terms(found, Edition.objects.order_by("-number").first(), name)
    return found


def _read(text: bytes | str, name: str) -> CatalogueRead:
    languages = tuple(code for code, _name in settings.LANGUAGES)
    return read(text, languages=languages, name=name)


def _judge_terms(found: CatalogueRead, newest: Edition | None, name: str) -> None:
    """
    Compare terms with those of the edition before.

    :raises CatalogueWrong: where the text is another one and the version is not: whoever accepted
        it would be held to what they never read
    """
    before = _terms_of(newest)
    faults = [
        CatalogueFault(
            found.lines["terms", each.code],
            f"terms, {each.code}",
            f"the text is another one, and the version still {each.version!r}",
            "Give it a new version",
        )
        for each in found.catalogue.terms
        if (old := before.get(each.code)) and old.version == each.version and old != each
    ]
    if faults:
        raise CatalogueWrong(faults, name=name)


def _terms_of(edition: Edition | None) -> Mapping[str, Terms]:
    if edition is None:
        return {}
    content = json.loads(edition.content)
    kept = of_plain(content, languages=edition.languages, edition=edition.number)
    return {each.code: each for each in kept.terms}
