"""Addresses have one key without letters merged: ß is not ss any more (docs/adr/0017)."""

from django.db import migrations

from nichandle.platform.kernel.upgrades.address_keys import before, renew


def to_today(apps, schema_editor):
    renew(
        apps.get_model("signup", "Creation").objects.all(),
        address="address",
        key="address_key",
    )


def as_before(apps, schema_editor):
    renew(
        apps.get_model("signup", "Creation").objects.all(),
        address="address",
        key="address_key",
        to=before,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("signup", "0001_signup"),
    ]

    operations = [migrations.RunPython(to_today, as_before)]
