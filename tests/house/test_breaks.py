"""What `bench/random-breaks` may break, and what it is told to leave out."""

import ast
import sys
import tomllib

import pytest

from tests.house.tree import ROOT

sys.path.append(str(ROOT / "bench"))
from _breaks import breaks_of

LISTED = tomllib.loads((ROOT / "bench" / "random-breaks-equivalent.toml").read_text("utf-8"))
SOURCE = '''
"""A docstring: 1 > 0."""
LIFETIME = timedelta(hours=24)

def act(account_id, now):
    """Not changed: 3."""
    lock_account(account_id)
    if now >= LIFETIME and not seen(3):
        raise Late(f"{account_id + 1}")
    Row.objects.filter(account_id=account_id, ends_at__gt=now).update(used_at=now)
    record("act.done", account_id=account_id)
'''


def changed(source: str) -> set[str]:
    return {
        after
        for found in breaks_of("x.py", source.encode())
        for after in [found.shown(source.encode())[1]]
    }


def test_slips_of_the_hand_are_among_the_breaks():
    wanted = {
        "LIFETIME = timedelta(hours=25)",
        "if (now > LIFETIME) and not seen(3):",
        "if now >= LIFETIME and bool(seen(3)):",
        "if ((not seen(3))):",
        "pass",
        "Row.objects.filter(ends_at__gt=now).update(used_at=now)",
        "Row.objects.filter(account_id=account_id, ends_at__gte=now).update(used_at=now)",
    }

    assert wanted - changed(SOURCE) == set()


def test_locks_docstrings_and_sentences_are_left_alone():
    for after in changed(SOURCE):
        assert "docstring" not in after
        assert "Not changed" not in after
    assert not any(found.line == 7 for found in breaks_of("x.py", SOURCE.encode()))


@pytest.mark.parametrize("room", ["identity/signin", "platform/limits", "commerce/contacts"])
def test_every_break_is_still_a_module_and_another_one(room):
    for path in (ROOT / "nichandle" / room).rglob("*.py"):
        source = path.read_bytes()
        for found in breaks_of(path.name, source)[::7]:
            assert ast.dump(ast.parse(found.apply(source))) != ast.dump(ast.parse(source))


def test_every_break_that_is_called_equivalent_exists_and_has_its_reason():
    for row in LISTED.get("equivalent", []):
        source = (ROOT / row["file"]).read_bytes()
        shown = {found.shown(source) for found in breaks_of(row["file"], source)}
        assert (row["before"], row["after"]) in shown, row
        assert len(row["why"].split()) >= 5, row
