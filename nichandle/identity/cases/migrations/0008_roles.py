from django.db import migrations, models

import nichandle.platform.kernel.fields


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0007_crowds"),
    ]

    operations = [
        migrations.AddField(
            model_name="reviewer",
            name="role",
            field=nichandle.platform.kernel.fields.FoldedField(
                db_default="reviewer", default="reviewer", max_length=16
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewer",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["reviewer", "billing"])), name="cases_role_known"
            ),
        ),
    ]
