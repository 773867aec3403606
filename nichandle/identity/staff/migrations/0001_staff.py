from uuid import uuid4

from django.db import migrations, models

from nichandle.platform.kernel.fields import FoldedField


class Migration(migrations.Migration):
    """Take over the people of ``cases``: the same table, of which another room knows now."""

    initial = True

    dependencies = [
        ("cases", "0008_roles"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="StaffMember",
                    fields=[
                        ("id", models.UUIDField(default=uuid4, primary_key=True, serialize=False)),
                        ("name", models.CharField(max_length=80)),
                        ("email", models.CharField(max_length=254)),
                        ("email_key", FoldedField(max_length=254, unique=True)),
                        ("password", models.CharField(blank=True, max_length=255)),
                        ("setup_digest", FoldedField(max_length=64, null=True, unique=True)),
                        ("setup_expires_at", models.DateTimeField(null=True)),
                        ("active", models.BooleanField(default=True)),
                        (
                            "role",
                            FoldedField(db_default="reviewer", default="reviewer", max_length=16),
                        ),
                        ("created_at", models.DateTimeField()),
                    ],
                    options={
                        "db_table": "cases_reviewer",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("role__in", ["reviewer", "billing"])),
                                name="cases_role_known",
                            )
                        ],
                    },
                ),
            ],
        ),
    ]
