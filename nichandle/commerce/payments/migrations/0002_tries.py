import django.db.models.deletion
from django.db import migrations, models

import nichandle.platform.kernel.fields


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_voided_passwords"),
        ("payments", "0001_payments"),
    ]

    operations = [
        migrations.AddField(
            model_name="receivable",
            name="announced_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="PaymentTry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    nichandle.platform.kernel.fields.FoldedField(max_length=10, unique=True),
                ),
                ("provider", nichandle.platform.kernel.fields.FoldedField(max_length=8)),
                (
                    "state",
                    nichandle.platform.kernel.fields.FoldedField(default="begun", max_length=8),
                ),
                ("currency", nichandle.platform.kernel.fields.FoldedField(max_length=3)),
                ("amount_minor", models.BigIntegerField()),
                ("address", models.CharField(blank=True, max_length=2000)),
                (
                    "provider_ref",
                    nichandle.platform.kernel.fields.FoldedField(blank=True, max_length=100),
                ),
                ("reason", models.CharField(blank=True, max_length=100)),
                ("note", models.JSONField(default=dict)),
                ("begun_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ProviderEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("provider", nichandle.platform.kernel.fields.FoldedField(max_length=8)),
                ("event", nichandle.platform.kernel.fields.FoldedField(max_length=100)),
                ("kind", nichandle.platform.kernel.fields.FoldedField(max_length=60)),
                ("ref", nichandle.platform.kernel.fields.FoldedField(max_length=100)),
                ("happened_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["received_at"], name="payments_events_by_age")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("provider", "event"), name="payments_event_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RefusedEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("provider", nichandle.platform.kernel.fields.FoldedField(max_length=8)),
                ("why", nichandle.platform.kernel.fields.FoldedField(max_length=12)),
                ("day", models.DateField()),
                ("count", models.PositiveIntegerField(default=1)),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("provider", "why", "day"), name="payments_refused_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Share",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                (
                    "payment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="payments.paymenttry",
                    ),
                ),
                (
                    "receivable",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payments.receivable",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="paymenttry",
            index=models.Index(fields=["account", "-id"], name="payments_tries_of"),
        ),
        migrations.AddConstraint(
            model_name="paymenttry",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["begun", "pending", "paid", "declined", "over"])),
                name="payments_try_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymenttry",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="payments_try_sane"
            ),
        ),
        migrations.AddConstraint(
            model_name="paymenttry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("provider_ref", ""), _negated=True),
                fields=("provider", "provider_ref"),
                name="payments_ref_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="share",
            constraint=models.UniqueConstraint(
                fields=("payment", "receivable"), name="payments_share_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="share",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="payments_share_sane"
            ),
        ),
    ]
