from django.db import migrations, models
from django.db.models import Q

import nichandle.platform.kernel.fields


class Migration(migrations.Migration):
    dependencies = [
        ("invoices", "0005_archives_and_links"),
    ]

    operations = [
        migrations.CreateModel(
            name="VatAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    nichandle.platform.kernel.fields.FoldedField(max_length=20, unique=True),
                ),
                ("answer", nichandle.platform.kernel.fields.FoldedField(blank=True, max_length=8)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "consultation",
                    nichandle.platform.kernel.fields.FoldedField(blank=True, max_length=32),
                ),
                ("silent_at", models.DateTimeField(null=True)),
                ("trouble", models.CharField(blank=True, max_length=80)),
                ("next_try_at", models.DateTimeField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=Q(next_try_at__isnull=False),
                        fields=["next_try_at"],
                        name="invoices_vat_due",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(answer="", answered_at__isnull=True)
                        | Q(answer__in=["valid", "invalid"], answered_at__isnull=False),
                        name="invoices_vat_answered",
                    )
                ],
            },
        ),
    ]
