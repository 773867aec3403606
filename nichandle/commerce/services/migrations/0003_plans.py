from django.db import migrations

from nichandle.platform.kernel.fields import FoldedField


class Migration(migrations.Migration):
    dependencies = [
        ("services", "0002_fewer_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="service",
            name="plan",
            field=FoldedField(blank=True, db_default="", default="", max_length=32),
        ),
    ]
