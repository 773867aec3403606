"""Migrations: named by a person, each with its way back."""

import re

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

AUTOMATIC = re.compile(r"_auto_|_\d{8}|_and_more$|_alter_\w+_and_|__")


def ours():
    loader = MigrationLoader(None)
    rooms = {app.label for app in apps.get_app_configs() if app.name.startswith("nichandle.")}
    found = [
        migration for (label, _), migration in loader.disk_migrations.items() if label in rooms
    ]
    assert found, "the walk finds nothing"
    return found


def test_every_migration_was_named_by_a_person():
    names = [migration.name for migration in ours()]

    assert not [
        name for name in names if not re.match(r"\d{4}_[a-z]", name) or AUTOMATIC.search(name)
    ]


@pytest.mark.parametrize("name", ["0002_auto_20260101_1200", "0003_account_email_and_more"])
def test_a_name_that_nobody_gave_is_noticed(name):
    assert AUTOMATIC.search(name)


def test_every_step_has_its_way_back():
    one_way = [
        f"{migration.app_label}.{migration.name}"
        for migration in ours()
        for operation in migration.operations
        if not operation.reversible
    ]

    assert not one_way


def test_schema_and_data_change_in_different_migrations():
    kinds = {
        migration.name: {type(each).__name__ == "RunPython" for each in migration.operations}
        for migration in ours()
    }

    assert {True} in kinds.values(), "no migration changes data: is that still their name?"
    assert not [name for name, both in kinds.items() if len(both) > 1]


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_database_can_be_emptied_and_built_again():
    before = sorted(connection.introspection.table_names())
    rooms = sorted({migration.app_label for migration in ours()})
    try:
        for room in rooms:
            call_command("migrate", room, "zero", verbosity=0)
        left = set(connection.introspection.table_names())
        assert left <= {"django_migrations", "sqlite_sequence"}
    finally:
        call_command("migrate", verbosity=0)

    assert sorted(connection.introspection.table_names()) == before
