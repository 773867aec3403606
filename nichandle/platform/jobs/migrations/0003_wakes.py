from django.db import migrations

from nichandle.platform.kernel.postgresql.waking import wakes


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_unique_while_waiting")]

    operations = [wakes("jobs_job")]
