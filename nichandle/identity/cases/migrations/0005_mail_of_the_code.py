from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0004_sealed_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="case", name="mail_id", field=models.BigIntegerField(null=True)
        ),
    ]
