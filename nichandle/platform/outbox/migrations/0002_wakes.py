from django.db import migrations

from nichandle.platform.kernel.postgresql.waking import wakes


class Migration(migrations.Migration):
    dependencies = [("outbox", "0001_outbox")]

    operations = [wakes("outbox_mail")]
