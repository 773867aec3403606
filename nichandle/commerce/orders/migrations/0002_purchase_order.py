"""The number of the buyer's own order."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0001_orders"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="purchase_order",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
    ]
