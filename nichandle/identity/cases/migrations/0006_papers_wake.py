from django.db import migrations

from nichandle.platform.kernel.postgresql.waking import wakes


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_mail_of_the_code")]

    operations = [wakes("cases_paper")]
