from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_jobs")]

    operations = [
        migrations.RemoveConstraint(model_name="job", name="jobs_one_ready_per_unique_key"),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lease_until", None), ("state", "ready")),
                fields=("unique_key",),
                name="jobs_one_waiting_per_unique_key",
            ),
        ),
    ]
