"""Addresses have one key without letters merged: ß is not ss any more (docs/adr/0017)."""

from django.db import migrations

from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.upgrades.address_keys import before, renew


def to_today(apps, schema_editor):
    renew(
        apps.get_model("emailchange", "Change").objects.all(), address="new_address", key="new_key"
    )
    _kept(apps, old=before, new=addresses.key)


def as_before(apps, schema_editor):
    change = apps.get_model("emailchange", "Change").objects.all()
    renew(change, address="new_address", key="new_key", to=before)
    _kept(apps, old=addresses.key, new=before)


def _kept(apps, *, old, new):
    """Write the keys anew of addresses that are kept for whoever changed theirs."""
    changes = apps.get_model("emailchange", "Change").objects
    kept = apps.get_model("accounts", "AddressReservation").objects
    for account_id, address in changes.values_list("account_id", "old_address").iterator():
        if not address.isascii() and old(address) != new(address):
            rows = kept.filter(account_id=account_id, address_key=old(address))
            rows.update(address_key=new(address))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_keys_of_addresses"),
        ("emailchange", "0003_proof_codes_and_absences"),
    ]

    operations = [migrations.RunPython(to_today, as_before)]
