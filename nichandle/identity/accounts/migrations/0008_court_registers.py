"""Room for the entry of an association in the register of a court of Alsace-Moselle."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_voided_passwords"),
    ]

    operations = [
        migrations.AlterField(
            model_name="account",
            name="association_number",
            field=models.CharField(blank=True, max_length=40),
        ),
    ]
