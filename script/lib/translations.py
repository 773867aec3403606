"""
The catalogues of translations.

    translations.py compile   makes every .mo from its .po
    translations.py check     compares every .po with what code and templates say (needs gettext)
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

PACKAGE = Path(__file__).resolve().parents[2] / "nichandle"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}|</?[a-z]+\b")
Key = tuple[str | None, str]


def catalogues() -> dict[str, Path]:
    """Return the source of every language's catalogue."""
    found = sorted((PACKAGE / "locale").glob("*/LC_MESSAGES/django.po"))
    return {path.parents[1].name: path for path in found}


def read(path: Path, language: str | None = None) -> Catalog:
    with path.open("rb") as source:
        return read_po(source, locale=language)


def compile_all() -> None:
    for language, path in catalogues().items():
        part = path.with_suffix(".mo.part")
        with part.open("wb") as target:
            write_mo(target, read(path, language))
        part.replace(path.with_suffix(".mo"))


def extracted() -> Catalog:
    """Collect what code and templates say, with Django's own makemessages on a copy."""
    with tempfile.TemporaryDirectory(prefix="nichandle-messages-") as name:
        copy = Path(name) / "nichandle"
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("tests", "locale", "static"))
        (copy / "locale").mkdir()
        done = subprocess.run(
            [sys.executable, "-m", "django", "makemessages", "-l", "en", "--keep-pot"],
            check=False,
            cwd=copy,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"makemessages failed:\n{done.stdout}{done.stderr}")
        template = copy / "locale" / "django.pot"
        # gettext leaves the plural rule for translators to fill in; nothing reads it here.
        text = template.read_text(encoding="utf-8")
        template.write_text(
            text.replace("nplurals=INTEGER; plural=EXPRESSION", "nplurals=2; plural=(n != 1)"),
            encoding="utf-8",
        )
        return read(template)


def problems_of(catalogue: Catalog) -> Iterator[str]:
    """Say what is wrong inside one catalogue: empty, fuzzy, or other placeholders."""
    for message in _messages(catalogue):
        texts = _texts(message)
        if message.fuzzy:
            yield f"fuzzy: {_first(message)!r}"
        if not texts or not all(texts):
            yield f"empty: {_first(message)!r}"
        elif not _placeholders_agree(message, texts):
            yield f"other placeholders than the English: {_first(message)!r}"


def problems_against(catalogue: Catalog, said: Catalog) -> Iterator[str]:
    """Say what code and templates say and the catalogue lacks, and the other way round."""
    here = {_key(message): message for message in _messages(catalogue)}
    there = {_key(message): message for message in _messages(said)}
    for key in sorted(there.keys() - here.keys(), key=str):
        yield f"missing: {key[1]!r}"
    for key in sorted(here.keys() - there.keys(), key=str):
        yield f"said nowhere: {key[1]!r}"
    for key in here.keys() & there.keys():
        if bool(here[key].pluralizable) != bool(there[key].pluralizable):
            yield f"plural in one place only: {key[1]!r}"


def check() -> int:
    said = extracted()
    wrong = 0
    for language, path in catalogues().items():
        catalogue = read(path, language)
        for problem in (*problems_of(catalogue), *problems_against(catalogue, said)):
            print(f"{language}: {problem}")
            wrong += 1
    if not catalogues():
        print("There is no catalogue in nichandle/locale.")
        return 1
    print(f"{len(said)} messages, {', '.join(catalogues())}: {wrong or 'no'} problems")
    return 1 if wrong else 0


def _messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def _key(message: Message) -> Key:
    return message.context, _first(message)


def _first(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, list | tuple) else message.id)


def _texts(message: Message) -> list[str]:
    string = message.string
    return list(string) if isinstance(string, list | tuple) else [string or ""]


def _placeholders_agree(message: Message, texts: list[str]) -> bool:
    ids = message.id if isinstance(message.id, list | tuple) else [message.id]
    # A singular may write "one" for the number; every other form carries what the English does.
    wanted = Counter(PLACEHOLDER.findall(str(ids[-1])))
    if Counter(PLACEHOLDER.findall(texts[-1])) != wanted:
        return False
    return all(not Counter(PLACEHOLDER.findall(text)) - wanted for text in texts)


if __name__ == "__main__":
    if sys.argv[1:] == ["compile"]:
        compile_all()
    elif sys.argv[1:] == ["check"]:
        sys.exit(check())
    else:
        sys.exit(__doc__)
