"""Until now what was counted as sent was mailed, as far as anybody can tell."""

from django.db import migrations
from django.db.models import F


def written_as_sent(apps, schema_editor):
    apps.get_model("contacts", "Side").objects.filter(sent__gt=0).update(written=F("sent"))


class Migration(migrations.Migration):
    dependencies = [("contacts", "0004_waiting_in_turn")]

    operations = [migrations.RunPython(written_as_sent, migrations.RunPython.noop)]
