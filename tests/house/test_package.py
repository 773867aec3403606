"""What is installed for customers: the product, and nothing that only its makers need."""

import tomllib

from setuptools import find_packages

from tests.house.tree import ROOT


def installed() -> list[str]:
    chosen = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    return find_packages(str(ROOT), **chosen["packages"]["find"])


def test_no_test_is_installed():
    found = installed()

    assert "nichandle.identity.signin" in found
    assert not [name for name in found if "tests" in name.split(".")]


def test_nothing_outside_of_the_product_is_installed():
    assert {name.partition(".")[0] for name in installed()} == {"nichandle"}
