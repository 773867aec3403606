from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("factors", "0003_keys_of_codes"),
    ]

    operations = [
        migrations.AddField(
            model_name="securitykey",
            name="backup_eligible",
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name="securitykey",
            name="backed_up",
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name="securitykey",
            name="moved_at",
            field=models.DateTimeField(null=True),
        ),
    ]
