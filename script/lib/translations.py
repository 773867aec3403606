"""
The catalogues of translations.

    translations.py compile         makes every .mo from its .po
    translations.py check           compares every .po with what code and templates say
    translations.py update LANGUAGE writes the .po anew, or for the first time: what is not said any
                                    more goes, what is new comes, empty

check and update need gettext. A language that NICHANDLE_LANGUAGES offers by default is complete;
another one is under way: what it lacks is said in English.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation import to_locale

from nichandle.config import options

PACKAGE = Path(__file__).resolve().parents[2] / "nichandle"
HEADER = """\
# {name}, written beside the English sentences in the code.
msgid ""
msgstr ""
"Project-Id-Version: nichandle 1\\n"
"Language: {language}\\n"
"Plural-Forms: {plural_forms}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}|</?[a-z]+\b")
LACKING = ("empty: ", "missing: ")
Key = tuple[str | None, str]


def catalogues() -> dict[str, Path]:
    """Return the source of every language's catalogue."""
    found = sorted((PACKAGE / "locale").glob("*/LC_MESSAGES/django.po"))
    return {path.parents[1].name: path for path in found}


def read(path: Path, language: str | None = None) -> Catalog:
    with path.open("rb") as source:
        return read_po(source, locale=language)


def offered() -> tuple[str, ...]:
    """Return the languages that are offered unless the operator says otherwise."""
    found: tuple[str, ...] = options.read({}).values["languages"]
    return tuple(to_locale(code) for code in found)


def compile_all() -> None:
    sources = {language: read(path, language) for language, path in catalogues().items()}
    everything = {
        _key(message): message for each in sources.values() for message in _messages(each)
    }
    for language, path in catalogues().items():
        fill(sources[language], everything.values())
        part = path.with_suffix(".mo.part")
        with part.open("wb") as target:
            write_mo(target, sources[language])
        part.replace(path.with_suffix(".mo"))


def fill(catalogue: Catalog, everything: Iterable[Message]) -> None:
    """
    Say in English what a language under way lacks.

    Otherwise Django would say it in the product's first language, which need not be English.
    """
    for message in everything:
        there = catalogue.get(_first(message), message.context)
        if there is None or there.fuzzy or not all(_texts(there)):
            catalogue.delete(_first(message), message.context)
            catalogue.add(message.id, _english(message, catalogue), context=message.context)


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


def problems_read(path: Path) -> Iterator[str]:
    """Say what gettext cannot read: babel takes two entries run together for one."""
    read_by = ["msgfmt", "--output-file=/dev/null", str(path)]
    done = subprocess.run(read_by, check=False, capture_output=True, text=True)
    if done.returncode:
        yield from done.stderr.splitlines()


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


def update(language: str) -> None:
    """Bring a catalogue to what code and templates say now, or begin it."""
    locale = Locale.parse(language)
    path = PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po"
    before = read(path, language) if path.exists() else Catalog(locale=locale)
    after = Catalog(locale=locale, fuzzy=False)
    for message in _messages(extracted()):
        known = before.get(_first(message), message.context)
        kept = known if known and known.pluralizable == message.pluralizable else None
        after.add(
            message.id,
            kept.string if kept else None,
            flags=message.flags | (kept.flags if kept else set()),
            user_comments=kept.user_comments if kept else (),
            context=message.context,
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        header = HEADER.format(
            name=locale.english_name, language=language, plural_forms=after.plural_forms
        )
        target.write(header.encode())
        write_po(target, after, width=100, sort_output=True, no_location=True, omit_header=True)
    lacking = sum(not all(_texts(message)) for message in _messages(after))
    print(f"{path.relative_to(PACKAGE.parent)}: {len(after)} messages, {lacking} to translate")


def check() -> int:
    said = extracted()
    wrong = 0
    for language, path in catalogues().items():
        catalogue = read(path, language)
        problems = [
            *problems_read(path),
            *problems_of(catalogue),
            *problems_against(catalogue, said),
        ]
        if language not in offered():
            lacking = [problem for problem in problems if problem.startswith(LACKING)]
            print(f"{language}: under way, {len(lacking)} of {len(said)} messages in English")
            problems = [problem for problem in problems if problem not in lacking]
        for problem in problems:
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


def _english(message: Message, catalogue: Catalog) -> str | list[str]:
    if not isinstance(message.id, list | tuple):
        return str(message.id)
    one, many = map(str, message.id)
    return [one, *[many] * (catalogue.num_plurals - 1)] if catalogue.num_plurals > 1 else [many]


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
    elif sys.argv[1:2] == ["update"] and len(sys.argv) == 3:
        update(sys.argv[2])
    else:
        sys.exit(__doc__)
