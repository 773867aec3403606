"""
The licences of what is locked in requirements/*.txt, and the tables of docs/licences.md.

    licences.py write   writes the tables anew from the packages installed
    licences.py check   fails where they are not up to date or a licence is not allowed
"""

import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "licences.md"
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[\w,-]+\])?==", re.MULTILINE)
TABLE = re.compile(r"(<!-- packages of (base|dev) -->\n).*?(<!-- end -->)", re.DOTALL)
ROW = re.compile(r"^\| ([A-Za-z0-9._-]+) \| ([^|]+) \|$", re.MULTILINE)

ALLOWED = {
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "PSF-2.0",
    "Unlicense",
    # Given up to everybody by its authors; SPDX has no name for that.
    "LicenseRef-Public-Domain",
    # Of the package's own files only, which we neither change nor copy into ours.
    "MPL-2.0",
    # Packages apart, imported when the product runs and replaceable by whoever runs it.
    "LGPL-2.1-or-later",
    "LGPL-3.0-only",
}
"""What may be locked beside code under Apache-2.0, by SPDX identifier."""

SPDX = {
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "BSD 3-Clause License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
"""How packages call their licence that do not give its SPDX identifier."""

READ = {
    "axe-playwright-python": "MIT",
    "colorama": "BSD-3-Clause",
    "factur-x": "BSD-3-Clause",
    "iso4217": "LicenseRef-Public-Domain",
    "pyasn1-modules": "BSD-2-Clause",
    "pypdfium2": "BSD-3-Clause AND Apache-2.0",
    "pytest-django": "BSD-3-Clause",
    "python-stdnum": "LGPL-2.1-or-later",
    "saxonche": "MPL-2.0",
    "segno": "BSD-3-Clause",
    "sqlparse": "BSD-3-Clause",
    "tzdata": "Apache-2.0",
}
"""Read in the licence file, where the metadata say nothing or not enough."""


def locked(name: str) -> set[str]:
    """Return the packages of requirements/NAME.txt."""
    return set(PIN.findall((ROOT / "requirements" / f"{name}.txt").read_text("utf-8")))


def licence_of(package: str) -> str:
    """
    Return the licence of an installed package as an SPDX expression.

    :raises LookupError: when neither its metadata nor our list tell it
    """
    if package in READ:
        return READ[package]
    said = metadata.metadata(package)
    text = _field(said, "License").split("\n")[0].strip()
    classifiers = (str(line) for line in said.get_all("Classifier") or [])
    names = [_field(said, "License-Expression"), text]
    names += [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License ::")]
    for name in names:
        if name in SPDX or (name and set(_terms(name)) <= ALLOWED):
            return SPDX.get(name, name)
    raise LookupError(f"{package}: which licence? It says {[name for name in names if name]}")


def _field(said: metadata.PackageMetadata, name: str) -> str:
    # Metadata without the field answer None to some versions of Python, and raise for others.
    return str(said[name] or "") if name in said else ""


def allowed(expression: str) -> bool:
    """Tell whether a package may be used: all that is joined by AND, one of what OR offers."""
    return all(
        any(each.strip(" ()") in ALLOWED for each in part.split(" OR "))
        for part in expression.split(" AND ")
    )


def rows(page: str) -> dict[str, str]:
    """Return the licences that the page's tables of packages name, by package."""
    return {
        package: licence
        for table in TABLE.finditer(page)
        for package, licence in ROW.findall(table[0])
        if package != "package"
    }


def written(page: str) -> str:
    """Return the page with its tables as they should be."""
    base = locked("base")
    tables = {"base": base, "dev": locked("dev") - base}

    def table(found: re.Match[str]) -> str:
        lines = [f"| {name} | {licence_of(name)} |" for name in sorted(tables[found[2]])]
        return (
            found[1] + "\n".join(["| package | licence |", "|---|---|", *lines]) + "\n" + found[3]
        )

    return TABLE.sub(table, page)


def _terms(expression: str) -> list[str]:
    return [term.strip(" ()") for term in re.split(r" AND | OR ", expression)]


def problems() -> Iterator[str]:
    """Say which licences are not allowed, and whether the page is out of date."""
    page = PAGE.read_text("utf-8")
    if written(page) != page:
        yield f"{PAGE.relative_to(ROOT)} is out of date: run script/licences"
    for package in sorted(locked("base") | locked("dev")):
        if not allowed(licence_of(package)):
            yield f"{package}: {licence_of(package)} is not among the licences allowed"


if __name__ == "__main__":
    if sys.argv[1:] == ["write"]:
        PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
    elif sys.argv[1:] != ["check"]:
        sys.exit(__doc__)
    found = list(problems())
    print("\n".join(found) or "Every licence is listed and allowed.")
    sys.exit(1 if found else 0)
