from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

OF_BEFORE = ("reviewer", "billing")


def dismiss_new_roles(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """On the way back: who has a role that the release before does not know can do nothing."""
    rows = apps.get_model("staff", "StaffMember").objects.exclude(role__in=OF_BEFORE)
    rows.update(active=False, password="", setup_digest=None, role="billing")


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0002_roles_and_ledger"),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, dismiss_new_roles),
    ]
