"""A pause may wait for the decision of a case."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("pauses", "0002_caused_by"),)

    operations = (
        migrations.AddField(
            model_name="pause",
            name="held_by",
            field=models.CharField(blank=True, default="", max_length=11),
        ),
        migrations.AddIndex(
            model_name="pause",
            index=models.Index(
                condition=models.Q(("held_by", ""), _negated=True),
                fields=["held_by"],
                name="pauses_held",
            ),
        ),
    )
