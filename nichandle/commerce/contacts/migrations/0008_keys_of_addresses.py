"""Addresses have one key without letters merged: ß is not ss any more (docs/adr/0017)."""

from django.db import migrations

from nichandle.platform.kernel.upgrades.address_keys import before, renew


def to_today(apps, schema_editor):
    renew(
        apps.get_model("contacts", "Request").objects.all(),
        address="named",
        key="newcomer_key",
    )


def as_before(apps, schema_editor):
    renew(
        apps.get_model("contacts", "Request").objects.all(),
        address="named",
        key="newcomer_key",
        to=before,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0007_who_decided"),
    ]

    operations = [migrations.RunPython(to_today, as_before)]
