"""
The same official rules without walks that find nothing.

Rules written in Schematron come translated to XSLT by a skeleton that walks the whole invoice once
for each of some sixty patterns, and as often again to write nothing; and that reads its lists of
codes from their file for each invoice. Here each pattern is given just the elements its rules name,
and the codes stand in the rules. Which rules there are, and what each of them asks, stays as
published: a test judges right and wrong invoices by both forms, and wants the same verdicts.
"""

import re
from pathlib import Path
from typing import Any

from lxml import etree

_XSL = "{http://www.w3.org/1999/XSL/Transform}"
_PATTERN = re.compile(r"M\d+")
_NAME = re.compile(r"[A-Za-z][\w.-]*:[A-Za-z][\w.-]*")
_LOOKUP = re.compile(r"document\('([^']+)'\)/codedb/cl\[@id=(\d+)\]/enumeration\[@value=(\$\w+)\]")
_EVERYTHING = {"@*|node()", "@*|*", "*", "text()", "@*|text()"}


def pruned(file: Path) -> str:
    """Return a rule set as text, its own place noted so that it finds its lists of codes."""
    tree = etree.parse(file, _parser())
    root = tree.getroot()
    root.set("{http://www.w3.org/XML/1998/namespace}base", file.as_uri())
    modes: dict[str, list[Any]] = {}
    for template in root.iter(f"{_XSL}template"):
        mode = template.get("mode") or ""
        if _PATTERN.fullmatch(mode):
            modes.setdefault(mode, []).append(template)
    (start,) = (
        each
        for each in root.iter(f"{_XSL}template")
        if each.get("match") == "/" and not each.get("mode")
    )
    for call in list(start.iter(f"{_XSL}apply-templates")):
        mode = call.get("mode")
        if mode is None and call.get("select") is None:
            call.getparent().remove(call)
        elif mode in modes and call.get("select") == "/":
            call.set("select", _elements(modes[mode]))
            _stop(modes[mode])
    _write_codes(root, file.parent)
    made: str = etree.tostring(tree, encoding="unicode")
    return made


def _write_codes(root: Any, folder: Path) -> None:
    """
    Write the lists of codes into the rules, which read them from another file for each invoice.

    Compared as text, one for one, as the published path compares them.
    """
    wanted: dict[tuple[str, str], str] = {}

    def by_variable(found: re.Match[str]) -> str:
        name = wanted.setdefault((found[1], found[2]), f"codes-{len(wanted)}")
        return f"{found[3]} = ${name}"

    for element in root.iter():
        if test := element.get("test"):
            element.set("test", _LOOKUP.sub(by_variable, test))
    lists: dict[str, Any] = {}
    for (file, number), name in wanted.items():
        if file not in lists:
            lists[file] = etree.parse(folder / file, _parser())
        values = lists[file].xpath("/codedb/cl[@id=$number]/enumeration/@value", number=number)
        variable = etree.Element(f"{_XSL}variable", name=name)
        variable.set("select", f"({', '.join(map(_quoted, values))})")
        root.insert(0, variable)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _parser() -> Any:
    return etree.XMLParser(resolve_entities=False, no_network=True)


def _elements(templates: list[Any]) -> str:
    """Return what the rules of a pattern can match: elements by name, or all of them."""
    names = set()
    for template in templates:
        for path in _alternatives(template.get("match")):
            if path in {"@*", "*", "text()", "node()"}:
                continue
            found = _NAME.match(_last_step(path))
            if found is None:
                return "//*"
            names.add(f"//{found[0]}")
    return " | ".join(sorted(names)) or "()"


def _stop(templates: list[Any]) -> None:
    """Take out the steps downwards: every element is asked about already."""
    for template in templates:
        for call in list(template.iter(f"{_XSL}apply-templates")):
            if call.get("mode") == template.get("mode") and call.get("select") in _EVERYTHING:
                call.getparent().remove(call)


def _alternatives(match: str) -> list[str]:
    return [part.strip() for part in _split(match, "|")]


def _last_step(path: str) -> str:
    return _split(path, "/")[-1]


def _split(text: str, sign: str) -> list[str]:
    """Split at a sign that stands in no bracket and no quotes."""
    parts, depth, quote = [""], 0, ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "[(":
            depth += 1
        elif letter in "])":
            depth -= 1
        elif letter == sign and not depth:
            parts.append("")
            continue
        parts[-1] += letter
    return parts
