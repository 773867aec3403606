"""The way back to an earlier version: known for each, and refused where it would lose something."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from nichandle.config.installation import versions
from tests.support.people import set_up_app

KEPT = Path(__file__).resolve().parents[3] / "tests" / "upgrade" / "data"


def test_every_version_whose_database_is_kept_has_its_way_back():
    known = versions.releases()
    there = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)

    assert {folder.name for folder in KEPT.iterdir() if folder.is_dir()} <= set(known)
    for rooms in known.values():
        assert set(rooms.items()) <= there


@pytest.mark.django_db
def test_this_versions_row_of_the_table_can_be_printed(capsys):
    call_command("downgrade", "--state")

    assert '"accounts": "0' in capsys.readouterr().out


@pytest.mark.django_db
def test_a_version_that_nobody_knows_is_refused_with_those_there_are():
    with pytest.raises(versions.VersionUnknown, match="2026-11-27-c74ac1b"):
        versions.way_back("0.0.1")


@pytest.fixture
def before(monkeypatch):
    """Make known a version that had all but what is taken away from it."""

    def had(**changes):
        state = {**versions.state(), **changes}
        kept = {room: name for room, name in state.items() if name}
        monkeypatch.setattr(versions, "releases", lambda: {"before": kept})

    return had


@pytest.mark.django_db
def test_a_table_that_holds_something_is_not_taken_away(before, customer, settings, tmp_path):
    settings.NICHANDLE_DATA = tmp_path
    (tmp_path / "backups" / "2026-12-01-101112-before-upgrade").mkdir(parents=True)
    before(limits="", signup="")
    customer.browser.post("/signin", {"identifier": customer.handle, "password": "wrong"})

    with pytest.raises(versions.WouldLose) as refusal:
        versions.go_back("before")

    assert "limits_" in str(refusal.value)
    assert "2026-12-01-101112-before-upgrade" in str(refusal.value)
    assert "signup_creation" not in str(refusal.value), "an empty table is no loss"
    assert "signup_creation" in connection.introspection.table_names()


@pytest.mark.django_db
def test_a_column_that_holds_something_is_not_taken_away(before, customer):
    before(contacts="0003_dispute_case", factors="0002_copied_keys")
    assert not list(versions.losses(versions.way_back("before")))
    set_up_app(customer, days_ago=1)

    found = list(versions.losses(versions.way_back("before")))

    assert found == [versions.Lost("factors_recoverycode", "key")]


@pytest.mark.django_db
def test_a_version_of_which_something_is_missing_is_none_to_go_back_to(monkeypatch):
    monkeypatch.setattr(versions, "releases", lambda: {"ahead": versions.state()})
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'signup'")

    with pytest.raises(versions.VersionAhead, match="signup"):
        versions.way_back("ahead")
