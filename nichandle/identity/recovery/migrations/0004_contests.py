"""What was said about an account belongs to a case, and to each address that said it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("recovery", "0003_used_links"),)

    operations = (
        migrations.AddField(
            model_name="passwordhold",
            name="case",
            field=models.CharField(blank=True, default="", max_length=11),
        ),
        migrations.AddField(
            model_name="passwordhold",
            name="said_by",
            field=models.JSONField(default=dict),
        ),
    )
