from django.db import migrations, models

from nichandle.platform.kernel.fields import FoldedField


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Edition",
            fields=[
                ("number", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("digest", FoldedField(max_length=64)),
                ("languages", models.JSONField()),
                ("content", models.TextField()),
                ("adopted_at", models.DateTimeField()),
            ],
        ),
    ]
