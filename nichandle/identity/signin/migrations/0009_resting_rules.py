"""Network rules that were set after a disowned act rest, instead of being deleted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("signin", "0008_latest_sessions"),)

    operations = (
        migrations.AddField(
            model_name="networkrule",
            name="rests",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="networkpolicy",
            name="default_rests",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="networkpolicy",
            name="default_changed_at",
            field=models.DateTimeField(null=True),
        ),
    )
