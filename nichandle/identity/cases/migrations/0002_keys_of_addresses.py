"""Addresses have one key without letters merged: ß is not ss any more (docs/adr/0017)."""

from django.db import migrations

from nichandle.platform.kernel.upgrades.address_keys import before, renew


def to_today(apps, schema_editor):
    renew(
        apps.get_model("cases", "Case").objects.all(),
        address="new_address",
        key="new_key",
    )
    renew(
        apps.get_model("cases", "Reviewer").objects.all(),
        address="email",
        key="email_key",
        alone=[],
    )


def as_before(apps, schema_editor):
    renew(
        apps.get_model("cases", "Case").objects.all(),
        address="new_address",
        key="new_key",
        to=before,
    )
    renew(
        apps.get_model("cases", "Reviewer").objects.all(),
        address="email",
        key="email_key",
        alone=[],
        to=before,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0001_cases"),
    ]

    operations = [migrations.RunPython(to_today, as_before)]
