from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0009_saved_means"),
    ]

    operations = [
        migrations.AddField(
            model_name="refund",
            name="came_back",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
