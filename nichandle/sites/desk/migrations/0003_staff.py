import django.db.models.deletion
from django.db import migrations, models

MODELS = ("reviewerkey", "halfsignin", "reviewerbrowser", "reviewersession")


class Migration(migrations.Migration):
    """Reviewers are a role of the staff now; no table changes."""

    dependencies = [
        ("review", "0002_keys"),
        ("cases", "0009_staff"),
        ("staff", "0001_staff"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name=model,
                    name="reviewer",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="staff.staffmember",
                    ),
                )
                for model in MODELS
            ],
        ),
    ]
