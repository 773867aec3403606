from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0003_known_on_the_way_back"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="staffmember",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["reviewer", "billing", "administrator"])),
                name="staff_role_known",
            ),
        ),
    ]
