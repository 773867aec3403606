"""Addresses have one key without letters merged: ß is not ss any more (docs/adr/0017)."""

from django.db import migrations

from nichandle.platform.kernel.upgrades.address_keys import before, renew


def to_today(apps, schema_editor):
    renew(
        apps.get_model("accounts", "Account").objects.all(),
        address="email",
        key="email_key",
        alone=[],
    )
    renew(
        apps.get_model("accounts", "RecoveryAddress").objects.all(),
        address="address",
        key="address_key",
        alone=["account_id"],
        removed_at=None,
    )


def as_before(apps, schema_editor):
    renew(
        apps.get_model("accounts", "Account").objects.all(),
        address="email",
        key="email_key",
        alone=[],
        to=before,
    )
    renew(
        apps.get_model("accounts", "RecoveryAddress").objects.all(),
        address="address",
        key="address_key",
        alone=["account_id"],
        removed_at=None,
        to=before,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_address_once"),
    ]

    operations = [migrations.RunPython(to_today, as_before)]
