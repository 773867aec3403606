"""
YAML as it stands in the file: texts, lists and entries, each with its line.

Nothing is made of a text here: ``1.10`` stays what was written, and ``no`` is a word. The parser's
events are read one by one, so that neither depth nor aliases can cost more than the file is long.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from nichandle.commerce.catalogue.reading.faults import Faults
from nichandle.platform.kernel.later import later

yaml = later("yaml")

LONGEST: Final = 1_000_000
"""Bytes of a file."""
DEEPEST: Final = 12
MOST_NODES: Final = 50_000
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_INDENTED_BY_TAB = re.compile(r"[ ]*\t")
_NOTHING = {"", "~", "null"}


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text; ``quoted`` when it stands in quotes or in a block."""

    text: str
    line: int
    quoted: bool = False

    @property
    def nothing(self) -> bool:
        """Whether nothing was written, or YAML's words for it."""
        return not self.quoted and self.text in _NOTHING


@dataclass(slots=True)
class Items:
    """A list."""

    line: int
    nodes: list["Written"] = field(default_factory=list)


@dataclass(slots=True)
class Entries:
    """Names with what they stand for, in the order of the file; ``lines`` are the names’ own."""

    line: int
    nodes: dict[str, "Written"] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


Written = Scalar | Items | Entries


class _TooMuch(Exception):
    """Reading stops here; the fault is told."""


def nodes_of(text: bytes | str, faults: Faults) -> Written | None:
    """Return what a file says; None when it says nothing that can be read, and then why."""
    content = _decoded(text, faults)
    if content is None or _tabs(content, faults):
        return None
    content = _without_control(content, faults)
    builder = _Builder(faults)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(content, Loader=loader):
            builder.take(event)
    except _TooMuch:
        return None
    except yaml.YAMLError as error:
        _tell(error, faults)
        return None
    except (ValueError, OverflowError):
        faults.add(1, "", "an escape such as \\U00110000 names no sign", "Write the sign itself")
        return None
    if builder.root is None:
        faults.add(1, "", "the file is empty", "Begin with the catalogue of the documentation")
    return builder.root


def nodes_of_plain(value: Any) -> Written:
    """Return dictionaries, lists and texts as if they had been read from a file."""
    if isinstance(value, dict):
        nodes = {str(name): nodes_of_plain(each) for name, each in value.items()}
        return Entries(1, nodes, dict.fromkeys(nodes, 1))
    if isinstance(value, list):
        return Items(1, [nodes_of_plain(each) for each in value])
    return Scalar(str(value), 1, quoted=True)


def _decoded(text: bytes | str, faults: Faults) -> str | None:
    if len(text) > LONGEST:
        faults.add(1, "", f"the file is longer than {LONGEST:,} bytes", "Shorten its texts")
        return None
    try:
        content = text if isinstance(text, str) else text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        faults.add(line, "", "this is not UTF-8", "Save the file as UTF-8")
        return None
    return content.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _tabs(content: str, faults: Faults) -> bool:
    found = False
    for number, line in enumerate(content.split("\n"), 1):
        if _INDENTED_BY_TAB.match(line) and line.strip():
            found = True
            faults.add(number, "", "the line is indented with a tab", "Indent with spaces")
    return found


def _without_control(content: str, faults: Faults) -> str:
    if not _CONTROL.search(content):
        return content
    for number, line in enumerate(content.split("\n"), 1):
        if found := _CONTROL.search(line):
            sign = f"U+{ord(found[0]):04X}"
            faults.add(number, "", f"the line holds a sign nobody sees, {sign}", "Take it out")
    return _CONTROL.sub("?", content)


def _tell(error: Any, faults: Faults) -> None:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
    line = mark.line + 1 if mark else 1
    cure = "Put texts with a colon, a # or quotes in quotes, and look at the indentation"
    if "tab" in problem or "'\\t'" in problem:
        cure = "Write spaces where the tab stands"
    faults.add(line, "", f"this is not YAML ({problem})", f"{cure}; what follows was not read")


class _Builder:
    """Makes nodes of a parser's events, without recursion."""

    def __init__(self, faults: Faults) -> None:
        self.root: Written | None = None
        self._faults = faults
        self._open: list[Items | Entries] = []
        self._names: list[Scalar | None] = []
        self._count = self._documents = 0

    def take(self, event: Any) -> None:
        kind = type(event).__name__
        line = event.start_mark.line + 1
        match kind:
            case "DocumentStartEvent":
                self._document(line)
            case "ScalarEvent":
                self._marked(event, line)
                self._add(self._scalar(event, line))
            case "AliasEvent":
                self._wrong(line, f"*{event.anchor} refers to another place", "Write it out")
                self._add(Scalar("", line))
            case "SequenceStartEvent":
                self._marked(event, line)
                self._begin(Items(line))
            case "MappingStartEvent":
                self._marked(event, line)
                self._begin(Entries(line))
            case "SequenceEndEvent" | "MappingEndEvent":
                self._open.pop()
                self._names.pop()

    def _document(self, line: int) -> None:
        self._documents += 1
        if self._documents > 1:
            self._wrong(line, "a second document begins with ---", "Keep one document in a file")
            raise _TooMuch

    def _scalar(self, event: Any, line: int) -> Scalar:
        text, quoted = event.value, bool(event.style)
        if quoted and (found := _CONTROL.search(text)):
            sign = f"U+{ord(found[0]):04X}"
            self._wrong(line, f"the text holds a sign nobody sees, {sign}", "Take it out")
            text = _CONTROL.sub("?", text)
        return Scalar(text, line, quoted)

    def _marked(self, event: Any, line: int) -> None:
        if event.anchor is not None:
            self._wrong(line, f"&{event.anchor} gives this place a name", "Leave the name out")
        if event.tag is not None:
            self._wrong(line, f"{event.tag} says what kind this is", "Leave it out")

    def _begin(self, node: Items | Entries) -> None:
        self._add(node)
        if len(self._open) >= DEEPEST:
            self._wrong(node.line, "this lies too deep", f"Nest at most {DEEPEST} levels")
            raise _TooMuch
        self._open.append(node)
        self._names.append(None)

    def _add(self, node: Written) -> None:
        self._count += 1
        if self._count > MOST_NODES:
            self._wrong(node.line, f"there are more than {MOST_NODES:,} entries", "Shorten it")
            raise _TooMuch
        if not self._open:
            self.root = self.root or node
            return
        parent = self._open[-1]
        if isinstance(parent, Items):
            parent.nodes.append(node)
        elif (name := self._names[-1]) is None:
            self._names[-1] = self._name(node)
        else:
            self._names[-1] = None
            self._enter(parent, name, node)

    def _name(self, node: Written) -> Scalar:
        if isinstance(node, Scalar):
            return node
        self._wrong(node.line, "the name of an entry is itself a list or entries", "Name it so: a")
        return Scalar("", node.line)

    def _enter(self, parent: Entries, name: Scalar, node: Written) -> None:
        if name.text in parent.nodes:
            first = parent.lines[name.text]
            self._wrong(
                name.line, f"{name.text!r} stands in line {first} already", "Keep one of the two"
            )
            return
        parent.nodes[name.text] = node
        parent.lines[name.text] = name.line

    def _wrong(self, line: int, what: str, cure: str) -> None:
        self._faults.add(line, "", what, cure)
