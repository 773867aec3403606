from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0006_void_refunds"),
    ]

    operations = [
        migrations.AddField(
            model_name="providerevent",
            name="seen_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="providerevent",
            index=models.Index(
                condition=models.Q(("seen_at", None)), fields=["id"], name="payments_events_unseen"
            ),
        ),
    ]
