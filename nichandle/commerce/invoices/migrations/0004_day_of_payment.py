"""A draft keeps the day on which its cause was paid; nobody counts its tries."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("invoices", "0003_negative_claims")]

    operations = [
        migrations.AddField("draft", "paid_on", models.DateField(null=True)),
        migrations.RemoveField("draft", "attempts"),
    ]
