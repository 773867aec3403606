from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0003_dispute_case")]

    operations = [
        migrations.AddField(
            model_name="request",
            name="look_again_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="request",
            name="terms_version",
            field=models.CharField(blank=True, db_default="", default="", max_length=60),
        ),
        migrations.AddField(
            model_name="side",
            name="written",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
    ]
