from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0005_proven_refunds"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="movement",
            name="payments_movement_known",
        ),
        migrations.RemoveConstraint(
            model_name="refund",
            name="payments_refund_known",
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "payment",
                            "excess",
                            "chargeback",
                            "released",
                            "refund",
                            "returned",
                            "unsent",
                            "loss",
                            "regained",
                        ],
                    )
                ),
                name="payments_movement_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "sent", "by_hand", "done", "void"])),
                name="payments_refund_known",
            ),
        ),
    ]
