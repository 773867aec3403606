from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0002_purchase_order"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="withdrawal",
            name="orders_withdrawals_due",
        ),
        migrations.AddField(
            model_name="withdrawal",
            name="held_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="withdrawal",
            index=models.Index(
                condition=models.Q(
                    ("contested_at__isnull", True),
                    ("done_at__isnull", True),
                    ("held_at__isnull", True),
                ),
                fields=["effective_at"],
                name="orders_withdrawals_due",
            ),
        ),
    ]
