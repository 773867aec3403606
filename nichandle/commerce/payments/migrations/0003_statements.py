import django.db.models.deletion
from django.db import migrations, models

import nichandle.platform.kernel.fields


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0002_tries"),
    ]

    operations = [
        migrations.CreateModel(
            name="TakenStatement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("iban", nichandle.platform.kernel.fields.FoldedField(max_length=34)),
                ("number", nichandle.platform.kernel.fields.FoldedField(max_length=80)),
                ("currency", nichandle.platform.kernel.fields.FoldedField(max_length=3)),
                ("opening_minor", models.BigIntegerField(null=True)),
                ("closing_minor", models.BigIntegerField(null=True)),
                ("taken_at", models.DateTimeField()),
                ("by", models.CharField(blank=True, max_length=80)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("iban", "number"), name="payments_statement_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BankLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", nichandle.platform.kernel.fields.FoldedField(max_length=64, unique=True)),
                ("amount_minor", models.BigIntegerField()),
                ("currency", nichandle.platform.kernel.fields.FoldedField(max_length=3)),
                ("booked_on", models.DateField()),
                ("reference", models.CharField(blank=True, max_length=35)),
                ("text", models.CharField(blank=True, max_length=500)),
                ("name", models.CharField(blank=True, max_length=140)),
                ("iban", models.CharField(blank=True, max_length=34)),
                ("taken_back", models.BooleanField(default=False)),
                (
                    "state",
                    nichandle.platform.kernel.fields.FoldedField(default="waiting", max_length=8),
                ),
                ("words", models.CharField(blank=True, max_length=300)),
                ("by", models.CharField(blank=True, max_length=80)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "receivable",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payments.receivable",
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="payments.takenstatement",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["statement", "id"], name="payments_lines_of"),
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["id"],
                        name="payments_lines_waiting",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting", "booked", "aside", "returned"])
                        ),
                        name="payments_line_known",
                    )
                ],
            },
        ),
    ]
