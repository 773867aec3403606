"""What we ship and run on may be distributed under Apache-2.0, and stands on the page."""

import hashlib
import sys
import tomllib
from email.message import Message

import pytest

from tests.house.tree import PACKAGE, ROOT, kept_files

sys.path.insert(0, str(ROOT / "script" / "lib"))
import licences

# The text as the Apache foundation and Debian have it.
APACHE = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
OURS = {".py", ".html", ".txt", ".css", ".js", ".po", ".mo", ""}


def page() -> str:
    return licences.PAGE.read_text("utf-8")


def test_the_licence_is_whole_and_the_package_says_so():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == APACHE
    assert project["license"] == "Apache-2.0"
    assert "LICENSE" in project["license-files"]


@pytest.mark.parametrize("name", ["base", "dev"])
def test_every_locked_package_has_a_row_with_a_licence_that_is_allowed(name):
    locked, rows = licences.locked(name), licences.rows(page())

    assert len(locked) > 10
    assert locked - rows.keys() == set()
    assert {
        package: rows[package] for package in locked if not licences.allowed(rows[package])
    } == {}


def test_the_page_says_what_the_packages_say_and_lists_no_other():
    assert list(licences.problems()) == []
    assert licences.rows(page()).keys() == licences.locked("base") | licences.locked("dev")


@pytest.mark.parametrize("licence", ["LGPL", "MPL"])
def test_a_licence_that_asks_for_more_is_explained(licence):
    asked = {package for package, said in licences.rows(page()).items() if said.startswith(licence)}
    (paragraph,) = [line for line in page().split("\n- ") if line.startswith(f"**{licence}")]

    assert asked
    assert {name for name in asked if name.removesuffix("-binary") not in paragraph} == set()


@pytest.mark.parametrize(
    ("licence", "may"),
    [
        ("MIT", True),
        ("MIT AND PSF-2.0", True),
        ("GPL-2.0-only OR MIT", True),
        ("GPL-3.0-only", False),
        ("AGPL-3.0-or-later", False),
        ("MIT AND GPL-2.0-only", False),
        ("(GPL-2.0-only OR SSPL-1.0) AND MIT", False),
        ("", False),
    ],
)
def test_what_may_not_be_distributed_is_refused(licence, may):
    assert licences.allowed(licence) is may


def test_a_package_that_does_not_tell_its_licence_is_noticed(monkeypatch):
    said = Message()
    said["License"] = "as you like"
    monkeypatch.setattr(licences.metadata, "metadata", lambda package: said)
    monkeypatch.setattr(licences, "READ", {})
    with pytest.raises(LookupError, match="as you like"):
        licences.licence_of("nobodys-package")


def test_fonts_icons_and_lists_stand_on_the_page():
    foreign = {
        path.parent.relative_to(ROOT)
        for path in kept_files()
        if path.is_relative_to(PACKAGE)
        and (path.suffix not in OURS or path.parent.name == "data")
        and path.name != "icon.svg"  # drawn by us
    }
    if not kept_files():
        pytest.skip("this is no git checkout")

    assert foreign
    assert {str(folder) for folder in foreign if f"`{folder}`" not in page()} == set()
