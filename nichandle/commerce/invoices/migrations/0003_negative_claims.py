"""A line that takes off, such as the credit of a change of plan, is credited too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("invoices", "0002_frozen")]

    operations = [
        migrations.RemoveConstraint(model_name="claim", name="invoices_claim_takes"),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(("net_minor", 0), _negated=True), name="invoices_claim_takes"
            ),
        ),
    ]
