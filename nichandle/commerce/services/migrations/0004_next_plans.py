from django.db import migrations

from nichandle.platform.kernel.fields import FoldedField


class Migration(migrations.Migration):
    dependencies = [
        ("services", "0003_plans"),
    ]

    operations = [
        migrations.AddField(
            model_name="service",
            name="next_plan",
            field=FoldedField(blank=True, db_default="", default="", max_length=32),
        ),
    ]
