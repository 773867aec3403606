from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("signup", "0002_keys_of_addresses"),
    ]

    operations = [
        migrations.AddField(
            model_name="creation",
            name="mail_id",
            field=models.BigIntegerField(null=True),
        ),
    ]
