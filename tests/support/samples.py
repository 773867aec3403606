"""
What mails are made of in tests: values that a real one could have.

A mail to an account that says nothing of its own has its samples from here: ``PLAIN``. For any
other the room has an entry in the table ``SAMPLES`` of ``tests/samples.py``: the cases that its
templates tell apart, with a value for every name, secrets among them; ``handle`` is empty where a
mail belongs to no account. The tests of the house render all of them in every language, and fail
on a branch that no sample reaches or a name that none gives.
"""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from nichandle.config import reference

ROOT = Path(__file__).resolve().parents[2]
Samples = Mapping[str, tuple[Mapping[str, object], ...]]

IDENTIFIER = "dm429850-OVH"
ADDRESS = "diane@example.org"
CODE = "BCDF-GHJK"
SECRET = "s3cret"
LATER = "2026-11-25T13:05:00+00:00"

PLAIN = ({"handle": IDENTIFIER, "not_me": SECRET}, {"handle": IDENTIFIER})
"""To an account, with the link to contest what it tells, and without."""


def own_samples() -> dict[str, tuple[Mapping[str, object], ...]]:
    """Return the samples that the rooms have in their tables."""
    found: dict[str, tuple[Mapping[str, object], ...]] = {}
    for path in sorted((ROOT / "nichandle").glob("*/*/tests/samples.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found |= import_module(name).SAMPLES
    return found


def all_samples() -> dict[str, tuple[Mapping[str, object], ...]]:
    """Return the samples of every mail."""
    return dict.fromkeys(reference.mails(), PLAIN) | own_samples()
