from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_voided_passwords"),
        ("payments", "0003_statements"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="paymenttry",
            index=models.Index(
                condition=models.Q(("state__in", ["begun", "pending"])),
                fields=["begun_at"],
                name="payments_undecided",
            ),
        ),
    ]
