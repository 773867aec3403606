import django.db.models.deletion
from django.db import migrations, models

from nichandle.platform.kernel.fields import FoldedField


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0001_staff"),
        ("cases", "0010_no_reviewers"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="staffmember", name="cases_role_known"),
        migrations.CreateModel(
            name="StaffEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("what", FoldedField(max_length=32)),
                ("subject", models.CharField(blank=True, max_length=254)),
                ("details", models.JSONField(default=dict)),
                ("ip", models.GenericIPAddressField(null=True)),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="staff.staffmember",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["member", "-id"], name="staff_entries_of_member"),
                    models.Index(fields=["subject", "-id"], name="staff_entries_about"),
                ],
            },
        ),
    ]
