import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Reviewers are a role of the staff now; no table changes."""

    dependencies = [
        ("cases", "0008_roles"),
        ("staff", "0001_staff"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="review",
                    name="reviewer",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="staff.staffmember",
                    ),
                ),
            ],
        ),
    ]
