from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0007_unseen_events"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="bankline",
            index=models.Index(
                condition=models.Q(("by", ""), _negated=True),
                fields=["-decided_at", "-id"],
                name="payments_lines_decided",
            ),
        ),
    ]
