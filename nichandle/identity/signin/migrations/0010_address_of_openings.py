from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("signin", "0009_resting_rules"),
    ]

    operations = [
        migrations.AddField(
            model_name="opening",
            name="address",
            field=models.CharField(blank=True, default="", max_length=254),
            preserve_default=False,
        ),
    ]
